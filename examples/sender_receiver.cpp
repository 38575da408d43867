// SPDX-License-Identifier: BSL-1.0
// F5: sender and receiver functions, a channel used both ways, and views of it that go one way only.
#include <cstdio>
#include <string>

#include <goro/goro.hpp>

void sender(goro::send_chan<int> ch) { ch << 42; }

void receiver(goro::recv_chan<int> ch) { std::printf("Received: %d\n", ch.recv().value()); }

void send_and_receive() {
  auto ch = goro::make_chan<int>();
  goro::go(sender, ch);  // the channel becomes send-only on the way in
  receiver(ch);
}

void bidirectional() {
  auto ch = goro::make_chan<std::string>(1);  // one place, so that the same goroutine can do both
  ch << "Hello, Go!";
  std::puts(ch.recv().value().c_str());
}

void send_data(goro::send_chan<int> ch, int value) {
  ch << value;
  ch.close();
}

void receive_data(goro::recv_chan<int> ch, goro::send_chan<bool> done) {
  for (int num : ch) std::printf("Received: %d\n", num);
  done << true;
}

void unidirectional() {
  auto ch = goro::make_chan<int>();
  goro::send_chan<int> send_ch = ch;
  goro::recv_chan<int> receive_ch = ch;
  auto done = goro::make_chan<bool>();

  goro::go(send_data, send_ch, 42);
  goro::go(receive_data, receive_ch, done);
  (void)done.recv();
}

int main() {
  return goro::run([] {
    send_and_receive();
    bidirectional();
    unidirectional();
  });
}
