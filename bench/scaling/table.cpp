// SPDX-License-Identifier: BSL-1.0
#include "table.hpp"

#include <cmath>
#include <cstdio>
#include <iostream>

table::table(const std::vector<std::string>& head) {
  std::cout << '\n';
  line(head);
  line(std::vector<std::string>(head.size(), "---"));
}

void table::line(const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) std::cout << "| " << cell << ' ';
  std::cout << '|' << std::endl;
}

std::string digits(double value) {
  if (value == 0) return "0";
  const double size = std::abs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string with_spaces(std::int64_t n) {
  std::string text = std::to_string(n);
  for (std::size_t at = text.size(); at > 3;) text.insert(at -= 3, 1, ' ');
  return text;
}
