// SPDX-License-Identifier: BSL-1.0
#include <chrono>
#include <vector>

#include <goro/go.hpp>
#include <goro/sync.hpp>
#include <goro/time.hpp>

#include "growth.hpp"

namespace {

using namespace std::chrono_literals;

void nothing() {}

std::vector<goro::timer> armed(std::int64_t n) {
  std::vector<goro::timer> timers(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < timers.size(); ++i) timers[i] = goro::after_func(1h + i * 1us, nothing);
  return timers;
}

void stop_all(std::vector<goro::timer>& timers) {
  for (auto& t : timers) t.stop();
}

double start_and_stop(std::int64_t n) {
  auto timers = armed(n);
  const double ns = in_rounds(100'000, [] {
    for (int i = 0; i < 100'000; ++i) goro::after_func(1h, nothing).stop();
  });
  stop_all(timers);
  return ns;
}

// Who switches sees to the timers of its processor, if there are any.
double yield(std::int64_t n) {
  auto timers = armed(n);
  const double ns = in_rounds(200'000, [] {
    goro::wait_group pair;
    for (int g = 0; g < 2; ++g)
      pair.go([] {
        for (int i = 0; i < 100'000; ++i) goro::gosched();
      });
    pair.wait();
  });
  stop_all(timers);
  return ns;
}

// Each time later than the one before: what a timeout does when there was traffic.
double reset(std::int64_t n) {
  auto timers = armed(n);
  goro::clock::duration due = 2h;
  const double ns = in_rounds(n, [&] {
    for (auto& t : timers) t.reset(due);
    due += 1min;
  });
  stop_all(timers);
  return ns;
}

double replace(std::int64_t n) {
  auto timers = armed(n);
  const double ns = in_rounds(n, [&] {
    for (std::size_t i = 0; i < timers.size(); ++i) {
      timers[i].stop();
      timers[i] = goro::after_func(1h + i * 1us, nothing);
    }
  });
  stop_all(timers);
  return ns;
}

// n goroutines sleep until the same moment; from then on.
double wake_sleepers(std::int64_t n) {
  return in_prepared_rounds(n, [n] {
    const auto due = goro::clock::now() + 1ms + n * 3us;
    goro::wait_group group;
    for (std::int64_t i = 0; i < n; ++i) group.go([due] { goro::sleep(due - goro::clock::now()); });
    goro::gosched();
    while (goro::clock::now() < due) {
    }
    const double start = cpu_now();
    group.wait();
    return cpu_now() - start;
  });
}

constexpr growth_row rows[] = {
    {"timers/beside", "after_func and stop beside n armed ones", nothing_else, start_and_stop},
    {"timers/yield", "yield between two beside n armed ones", nothing_else, yield},
    {"timers/replace", "stop the next of n, after_func another", an_object, replace},
    {"timers/reset", "reset the next of n", an_object, reset},
    {"timers/sleep", "n that sleep are due: fire, run, end", a_goroutine_twice, wake_sleepers},
};

}  // namespace

std::span<const growth_row> timer_growth() { return rows; }
