// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include <time.h>

#include <goro/debug.hpp>

inline double wall_now() {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

inline double cpu_now() {  // of all threads of the process
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_nsec);
}

// Of one operation.
struct cost {
  double wall = 0;  // ns
  double cpu = 0;   // ns
  double sleeps = 0, wakes = 0, steals = 0, migrations = 0, takeaways = 0, parks = 0;
  double locks = 0, writes = 0, barriers = 0;
};

template <class Work>
cost cost_of(std::int64_t operations, Work work) {
  const auto before = goro::debug::stats();
  const double wall = wall_now();
  const double cpu = cpu_now();
  work();
  const auto n = static_cast<double>(operations);
  cost c{.wall = (wall_now() - wall) / n, .cpu = (cpu_now() - cpu) / n};
  const auto after = goro::debug::stats();
  const auto each = [&](std::uint64_t goro::debug::runtime_stats::*what) {
    return static_cast<double>(after.*what - before.*what) / n;
  };
  using stats = goro::debug::runtime_stats;
  c.sleeps = each(&stats::futex_sleeps);
  c.wakes = each(&stats::futex_wakes);
  c.steals = each(&stats::steals);
  c.migrations = each(&stats::migrations);
  c.takeaways = each(&stats::takeaways);
  c.parks = each(&stats::parks);
  c.locks = each(&stats::global_locks);
  c.writes = each(&stats::shared_writes);
  c.barriers = each(&stats::barriers);
  return c;
}

// The one whose CPU time is in the middle of three: what disturbs a measurement makes it longer.
template <class Measure>
cost middle_of_three(Measure measure) {
  std::array<cost, 3> costs{measure(), measure(), measure()};
  std::ranges::sort(costs, {}, &cost::cpu);
  return costs[1];
}
