// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>
#include <string_view>

enum class limit_kind {
  times_go,  // at most so many times what Go takes in the same run
  at_most,   // at most so much, in the row's own unit
};

// What is compared, how much of it, and what it may cost.
struct comparison {
  std::string_view name;   // of the row in ../goro, and in ../go and ../tbb if they have it
  std::string_view title;
  int n;                   // enough for a few tenths of a second
  double limit_1, limit_2; // with 1 and 2 processors
  limit_kind kind = limit_kind::times_go;
  double limit_tbb = 0;  // at most so many times what oneTBB takes; 0: not compared
};

std::span<const comparison> comparisons();
