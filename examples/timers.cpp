// SPDX-License-Identifier: BSL-1.0
// T1: timers. after, a timer that is stopped and one that is reset, the timeout of an operation, a delayed operation.
#include <iostream>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

void wait_for_a_timer() {
  std::cout << "waiting for the timer\n";
  goro::timer timer(20ms);
  timer.c.recv();
  std::cout << "the timer has expired\n";
}

void stop_and_reset() {
  goro::timer timer(1h);
  std::cout << "stopped: " << (timer.stop() ? "yes" : "no") << '\n';
  std::cout << "stopped again: " << (timer.stop() ? "yes" : "no") << '\n';
  std::cout << "was active when reset: " << (timer.reset(10ms) ? "yes" : "no") << '\n';
  timer.c.recv();
  std::cout << "the timer that was reset has expired\n";
}

void a_timeout() {
  const auto result = goro::make_chan<int>(1);
  const auto may_finish = goro::make_chan<void>();
  goro::go([=] {  // takes longer than anybody waits
    may_finish.recv();
    result << 42;
  });
  goro::select(goro::recv(result, [](std::optional<int>) { std::cout << "operation completed\n"; }),
               goro::recv(goro::after(20ms), [](auto) { std::cout << "operation timed out\n"; }));
  may_finish.close();
  goro::select(goro::recv(result, [](std::optional<int> v) { std::cout << "operation completed: " << *v << '\n'; }),
               goro::recv(goro::after(1h), [](auto) { std::cout << "operation timed out\n"; }));
}

void delayed_operations() {
  const auto done = goro::make_chan<void>();
  goro::timer delayed = goro::after_func(10ms, [=] {
    std::cout << "delayed operation executed\n";
    done.close();
  });
  goro::timer never = goro::after_func(1h, [] { std::cout << "this is not printed\n"; });
  done.recv();
  std::cout << "the other one was stopped in time: " << (never.stop() ? "yes" : "no") << '\n';
}

int main() {
  return goro::run([] {
    wait_for_a_timer();
    stop_and_reset();
    a_timeout();
    delayed_operations();
  });
}
