// SPDX-License-Identifier: BSL-1.0
// F6: the type of a message and of a channel by name; a nil channel and a made one, printed.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

template <class T>
std::string type_of(const T&) {
  return goro::type_name<T>();
}

int main() {
  return goro::run([] {
    auto ch = goro::make_chan<int>();
    goro::go([=] { ch << 5 + 10; });
    int msg = ch.recv().value();
    std::cout << "msg-type " << type_of(msg) << '\n';
    std::cout << "ch-type " << type_of(ch) << '\n';
    std::cout << "After adding " << msg << '\n';

    goro::chan<int> mychannel;
    std::cout << "Value of the channel: " << mychannel << '\n';
    std::cout << "Type of the channel: " << type_of(mychannel) << '\n';

    auto mychannel1 = goro::make_chan<int>();
    std::cout << "Value of the channel1: " << mychannel1 << '\n';
    std::cout << "Type of the channel1: " << type_of(mychannel1) << '\n';

    std::cout << "One way in: " << goro::type_name<goro::send_chan<int>>() << '\n';
    std::cout << "One way out: " << goro::type_name<goro::recv_chan<int>>() << '\n';
  });
}
