// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "rows.hpp"

struct samples {
  std::vector<double> values;
  std::string unit;
  bool failed = false;

  [[nodiscard]] bool usable() const { return !failed && !values.empty(); }
  [[nodiscard]] double median() const;
  [[nodiscard]] double least() const;
  [[nodiscard]] double most() const;
};

struct outcome {
  const comparison* row = nullptr;
  int procs = 1;
  samples ours, go, tbb;
  std::vector<double> probe;  // one cache-line round trip before each repetition, with more than one processor

  // Nothing where no verdict is possible: no program to compare with has run, or there is no budget for this many
  // processors.
  [[nodiscard]] std::optional<bool> within_budget() const;
  [[nodiscard]] double limit() const;      // 0: none
  [[nodiscard]] double limit_tbb() const;  // 0: none
};

std::string table_head();
std::string table_line(const outcome& result);
