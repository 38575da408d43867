// SPDX-License-Identifier: BSL-1.0
// C5: select waits on several channels at once: two senders, a default, a timeout, a channel that closes.
#include <chrono>
#include <iostream>
#include <optional>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

void two_channels() {
  auto news = goro::make_chan<std::string>();
  auto prices = goro::make_chan<int>();
  goro::go([=] {
    news << "markets open";
    prices << 42;
  });

  for (int i = 0; i < 2; ++i) {
    goro::select(goro::recv(news, [](std::optional<std::string> text) { std::cout << "news: " << *text << '\n'; }),
                 goro::recv(prices, [](std::optional<int> price) { std::cout << "price: " << *price << '\n'; }));
  }
}

void with_a_default() {
  auto ch = goro::make_chan<int>();
  goro::select(goro::recv(ch, [](std::optional<int>) { std::cout << "received\n"; }),
               goro::otherwise([] { std::cout << "nothing ready: default\n"; }));
}

void with_a_timeout() {
  auto slow = goro::make_chan<int>();
  int value = 0;
  switch (goro::select(goro::recv(slow, value), goro::recv(goro::after(20ms)))) {
    case 0: std::cout << "received " << value << '\n'; break;
    case 1: std::cout << "timeout\n"; break;
  }
}

void with_a_closed_channel() {
  auto ch = goro::make_chan<int>();
  goro::go([=] {
    ch << 1;
    ch.close();
  });

  for (bool open = true; open;) {
    int msg = 0;
    goro::select(goro::recv(ch, msg, open));
    if (open) {
      std::cout << "received: " << msg << '\n';
    } else {
      std::cout << "channel closed, received the zero value: " << msg << '\n';
    }
  }
}

int main() {
  return goro::run([] {
    two_channels();
    with_a_default();
    with_a_timeout();
    with_a_closed_channel();
  });
}
