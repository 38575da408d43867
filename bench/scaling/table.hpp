// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

// A Markdown table, printed line by line as the figures come in.
class table {
 public:
  explicit table(const std::vector<std::string>& head);
  void line(const std::vector<std::string>& cells);
};

// Three significant digits, never in powers of ten; "0" for nothing at all.
std::string digits(double value);
std::string with_spaces(std::int64_t n);  // 100 000
