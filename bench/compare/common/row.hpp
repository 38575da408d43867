// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

// One row of the comparison, the same in each program that has it: same work, same iteration count, same warm-up. Go's
// int is 64 bits wide on the machines compared, so messages are std::int64_t here.
struct row {
  std::string_view name;
  std::string_view unit;
  double (*run)(int n);
};

using wall_clock = std::chrono::steady_clock;

inline double nanoseconds(wall_clock::duration d) { return std::chrono::duration<double, std::nano>(d).count(); }

// For work that never waits for anything outside the process: nanoseconds of the wall clock or, if asked for, of the
// process's CPU time, which other processes do not disturb.
double busy_now();

double cpu_time();  // nanoseconds

inline double milliseconds(double ns) { return ns / 1e6; }

// The time of one of n operations, in nanoseconds, after a tenth of them has run unmeasured.
template <class Work>
double per_op(int n, Work work) {
  work(n / 10 + 1);
  const double start = busy_now();
  work(n);
  return (busy_now() - start) / n;
}

// The time of one of n rounds, in nanoseconds, after one unmeasured.
template <class Round>
double per_round(int n, Round round) {
  round();
  const double start = busy_now();
  for (int i = 0; i < n; ++i) round();
  return (busy_now() - start) / n;
}

[[noreturn]] void fail(std::string_view message);

// Results go here, so that the compiler cannot drop the work that made them.
inline volatile std::int64_t last_result;
