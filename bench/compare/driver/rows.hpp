// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>
#include <string_view>

enum class limit_kind {
  times_go,  // at most so many times what Go takes in the same run
  at_most,   // at most so much, in the row's own unit
};

// At most so many times what another program than Go takes in the same run.
struct peer_limit {
  std::string_view program;
  double times = 0;
};

// What is compared, how much of it, and what it may cost.
struct comparison {
  std::string_view name;   // of the row in ../goro, and in the other programs if they have it
  std::string_view title;
  int n;                   // enough for a few tenths of a second
  double limit_1, limit_2; // with 1 and 2 processors; 0: none
  limit_kind kind = limit_kind::times_go;
  peer_limit beside = {};  // with 1 and 2 processors

  [[nodiscard]] constexpr double limit(int procs) const { return procs == 1 ? limit_1 : procs == 2 ? limit_2 : 0; }
  [[nodiscard]] constexpr double limit_beside(int procs) const { return procs <= 2 ? beside.times : 0; }
};

std::span<const comparison> comparisons();
