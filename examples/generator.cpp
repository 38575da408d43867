// SPDX-License-Identifier: BSL-1.0
// F11: generator: a function that returns a channel, the handle on a service that runs in a goroutine of its own.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

/// Talks for ever, until done is closed.
goro::recv_chan<std::string> boring(std::string who, goro::recv_chan<void> done) {
  auto c = goro::make_chan<std::string>();
  goro::go([=] {
    for (int i = 0;; ++i) {
      if (goro::select(goro::send(c, who + ' ' + std::to_string(i)), goro::recv(done)) == 1) return;
    }
  });
  return c;
}

/// Comes to an end by itself, which range sees.
goro::recv_chan<int> fibonacci(int count) {
  auto c = goro::make_chan<int>();
  goro::go([=] {
    for (int i = 0, a = 0, b = 1; i < count; ++i) {
      c << a;
      b += a;
      a = b - a;
    }
    c.close();
  });
  return c;
}

int main() {
  return goro::run([] {
    const auto done = goro::make_chan<void>();
    const auto joe = boring("Joe", done);  // two instances of the service
    const auto ann = boring("Ann", done);
    for (int i = 0; i < 3; ++i) std::cout << joe.recv().value() << '\n' << ann.recv().value() << '\n';
    std::cout << "You're both boring; I'm leaving.\n";
    done.close();

    for (int n : fibonacci(10)) std::cout << n << ' ';
    std::cout << '\n';

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
