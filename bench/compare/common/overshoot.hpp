// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <chrono>
#include <vector>

#include "common/row.hpp"

// By how much the median of n sleeps of 1 ms is too long.
template <class Sleep>
double microseconds_of_overshoot(int n, Sleep sleep_for) {
  constexpr std::chrono::milliseconds asked(1);
  std::vector<wall_clock::duration> overshoots(static_cast<std::size_t>(n));
  for (auto& overshoot : overshoots) {
    const auto start = wall_clock::now();
    sleep_for(asked);
    overshoot = wall_clock::now() - start - asked;
  }
  std::ranges::sort(overshoots);
  return nanoseconds(overshoots[overshoots.size() / 2]) / 1e3;
}
