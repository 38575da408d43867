// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cost.hpp"
#include "memory_walk.hpp"

// What one operation costs when there are n of something.
struct growth_row {
  std::string_view name;
  std::string_view what;
  footprint each;                // what an operation touches that the one before it did not
  double (*run)(std::int64_t n);  // ns of CPU time an operation, with one processor
};

std::span<const growth_row> goroutine_growth();
std::span<const growth_row> channel_growth();
std::span<const growth_row> timer_growth();
std::span<const growth_row> waiter_growth();

// So many rounds over n things that there are about 300 000 operations.
inline std::int64_t rounds_over(std::int64_t n) { return std::max<std::int64_t>(1, 300'000 / n); }

// ns an operation of rounds of n operations each: the best of three tries, after one that is not measured. What disturbs
// a measurement makes it longer.
template <class Round>
double in_rounds(std::int64_t n, Round round) {
  const std::int64_t rounds = rounds_over(n);
  round();
  double best = 1e9;
  for (int tries = 0; tries < 3; ++tries) {
    const double start = cpu_now();
    for (std::int64_t r = 0; r < rounds; ++r) round();
    best = std::min(best, (cpu_now() - start) / static_cast<double>(n * rounds));
  }
  return best;
}

// The same for rounds that prepare something first, and return the time of the rest.
template <class Round>
double in_prepared_rounds(std::int64_t n, Round round) {
  const std::int64_t rounds = std::max<std::int64_t>(2, 100'000 / n);
  round();
  double best = 1e18;
  for (std::int64_t r = 0; r < rounds; ++r) best = std::min(best, round());
  return best / static_cast<double>(n);
}
