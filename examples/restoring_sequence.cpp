// SPDX-License-Identifier: BSL-1.0
// F11: restoring sequence: a message brings a channel along, and its sender waits there for the go-ahead. After a fan-in,
// all speak once before one speaks twice.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

struct message {
  std::string text;
  goro::chan<bool> wait_for_it;
};

goro::recv_chan<message> boring(std::string who) {
  auto c = goro::make_chan<message>();
  goro::go([=] {
    const auto wait_for_it = goro::make_chan<bool>();  // shared by all messages of this speaker
    bool go_on = true;
    for (int i = 0; go_on; ++i) {
      c << message{who + ' ' + std::to_string(i), wait_for_it};
      wait_for_it >> go_on;
    }
    c.close();
  });
  return c;
}

goro::recv_chan<message> fan_in(goro::recv_chan<message> a, goro::recv_chan<message> b) {
  auto c = goro::make_chan<message>();
  for (const auto& input : {a, b})
    goro::go([=] {
      for (message m : input) c << std::move(m);
    });
  return c;
}

int main() {
  return goro::run([] {
    constexpr int rounds = 5;
    const auto c = fan_in(boring("Joe"), boring("Ann"));
    for (int i = 1; i <= rounds; ++i) {
      const message first = c.recv().value();
      const message second = c.recv().value();
      std::cout << first.text << '\n' << second.text << '\n';
      first.wait_for_it << (i < rounds);
      second.wait_for_it << (i < rounds);
    }
    std::cout << "You're all boring; I'm leaving.\n";

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
