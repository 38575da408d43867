// SPDX-License-Identifier: BSL-1.0
// T2: tickers. A periodic task, stopping it, a ticker that a timer ends.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

void periodic_task() {
  goro::ticker ticker(10ms);
  for (int i = 1; i <= 5; ++i) {
    ticker.c.recv();
    std::cout << "tick " << i << '\n';
  }
  ticker.stop();
  const auto after_the_stop = goro::select(goro::recv(ticker.c), goro::recv(goro::after(30ms)));
  std::cout << "after stop: " << (after_the_stop == 0 ? "a tick" : "none") << '\n';
}

void with_a_timer() {
  goro::ticker ticker(20ms);
  goro::timer timer(110ms);
  int ticks = 0;
  for (bool running = true; running;) {
    goro::select(goro::recv(ticker.c, [&](auto) { ++ticks; }), goro::recv(timer.c, [&](auto) { running = false; }));
  }
  // A tick comes every 20 ms, and is lost only while nobody listens.
  std::cout << "ticks until the timer: " << (ticks >= 1 && ticks <= 6 ? "1 to 6" : std::to_string(ticks)) << '\n';
}

int main() {
  return goro::run([] {
    periodic_task();
    with_a_timer();
  });
}
