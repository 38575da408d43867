// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// As much of SVG as plot.cpp needs. Classes stand for how things look, in light and in dark; see svg.cpp.
namespace svg {

// Wide enough for any font that is likely.
double width_of(std::string_view text);

// In lines no wider than that, divided at spaces where there are any.
std::vector<std::string> wrapped(std::string_view text, double width);

// The class of program number `index` of the comparison.
std::string series(std::string_view what, std::size_t index);

class drawing {
 public:
  void text(double x, double y, std::string_view classes, std::string_view words);
  void line(double x1, double y1, double x2, double y2, std::string_view classes);
  void rectangle(double x, double y, double width, double height, std::string_view classes);
  void marker(double x, double y, std::size_t series_index, bool filled);

  [[nodiscard]] std::string finish(double width, double height) const;

 private:
  std::string body_;
};

}  // namespace svg
