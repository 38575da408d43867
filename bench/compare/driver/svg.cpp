// SPDX-License-Identifier: BSL-1.0
#include "svg.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <functional>

namespace svg {

namespace {

constexpr double font_size = 12;

// A program's colours on a light and on a dark ground, and its shape.
struct look {
  std::string_view light, dark, path;
};
constexpr std::array looks{
    look{"#0969da", "#58a6ff", "M-2.8 0A2.8 2.8 0 1 0 2.8 0A2.8 2.8 0 1 0 -2.8 0Z"},  // circle
    look{"#6e7781", "#8b949e", "M-1 -2.8H1V2.8H-1Z"},                                 // bar
    look{"#d1570a", "#f0883e", "M0 -3.4L3.4 0L0 3.4L-3.4 0Z"},                        // diamond
    look{"#8250df", "#bc8cff", "M-2.6 -2.6H2.6V2.6H-2.6Z"},                           // square
    look{"#1a7f37", "#3fb950", "M0 -3.2L3.2 2.6H-3.2Z"},                              // triangle
};

std::size_t look_of(std::size_t index) { return index % looks.size(); }

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      default: result += c;
    }
  }
  return result;
}

struct ground {
  std::string_view paper, stripe, ink, dim, decade, tick, budget;
  std::string_view look::*series;
};
constexpr ground light{"#ffffff", "#f6f8fa", "#1f2328", "#59636e", "#c5ccd4", "#e4e8ec", "#cf222e", &look::light};
constexpr ground dark{"#0d1117", "#151b23", "#e6edf3", "#9198a1", "#3d444d", "#262c34", "#ff7b72", &look::dark};

std::string colours(const ground& on) {
  std::string css;
  const auto rule = [&](std::string_view selector, std::string_view property, std::string_view colour) {
    css.append(selector).append("{").append(property).append(":").append(colour).append("}\n");
  };
  rule(".paper", "fill", on.paper);
  rule(".stripe", "fill", on.stripe);
  rule("text", "fill", on.ink);
  rule("text.dim", "fill", on.dim);
  rule(".unity", "stroke", on.dim);
  rule(".decade", "stroke", on.decade);
  rule(".tick", "stroke", on.tick);
  rule(".budget", "stroke", on.budget);
  for (std::size_t i = 0; i < looks.size(); ++i) {
    const std::string_view colour = looks[i].*on.series;
    rule('.' + series("whisker", i), "stroke", colour);
    rule('.' + series("marker", i), "stroke", colour);
    rule('.' + series("marker", i), "fill", colour);
  }
  rule(".open", "fill", on.paper);
  return css;
}

std::string style() {
  return "text{font-family:system-ui,-apple-system,'Segoe UI','Helvetica Neue',Arial,sans-serif;font-size:" +
         number(font_size) +
         "px}\n.title{font-size:15px;font-weight:600}\n.strong{font-weight:600}\n.right{text-anchor:end}\n"
         ".middle{text-anchor:middle}\n.budget{stroke-width:1.6}\n.unity{stroke-width:1.2}\n" +
         colours(light) + "@media (prefers-color-scheme:dark){\n" + colours(dark) + "}\n";
}

bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

double width_of(std::string_view text) {
  const auto characters = static_cast<std::size_t>(std::ranges::count_if(text, std::not_fn(continues_a_character)));
  return static_cast<double>(characters) * font_size * 0.58;
}

std::vector<std::string> wrapped(std::string_view text, double width) {
  std::vector<std::string> lines;
  while (width_of(text) > width) {
    std::size_t end = text.size() - 1;
    while (end > 1 && (continues_a_character(text[end]) || width_of(text.substr(0, end)) > width)) --end;
    if (const std::size_t space = text.rfind(' ', end); space != text.npos && space > 0) end = space;
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(text[end] == ' ' ? end + 1 : end);
  }
  lines.emplace_back(text);
  return lines;
}

std::string series(std::string_view what, std::size_t index) {
  return std::string(what) + std::to_string(look_of(index));
}

void drawing::text(double x, double y, std::string_view classes, std::string_view words) {
  body_ += "<text x=\"" + number(x) + "\" y=\"" + number(y) + "\" class=\"" + std::string(classes) + "\">" +
           escaped(words) + "</text>\n";
}

void drawing::line(double x1, double y1, double x2, double y2, std::string_view classes) {
  body_ += "<line x1=\"" + number(x1) + "\" y1=\"" + number(y1) + "\" x2=\"" + number(x2) + "\" y2=\"" + number(y2) +
           "\" class=\"" + std::string(classes) + "\"/>\n";
}

void drawing::rectangle(double x, double y, double width, double height, std::string_view classes) {
  body_ += "<rect x=\"" + number(x) + "\" y=\"" + number(y) + "\" width=\"" + number(width) + "\" height=\"" +
           number(height) + "\" class=\"" + std::string(classes) + "\"/>\n";
}

void drawing::marker(double x, double y, std::size_t series_index, bool filled) {
  body_ += "<path transform=\"translate(" + number(x) + ' ' + number(y) + ")\" d=\"" +
           std::string(looks[look_of(series_index)].path) + "\" class=\"" + series("marker", series_index) +
           (filled ? "" : " open") + "\"/>\n";
}

std::string drawing::finish(double width, double height) const {
  const std::string size = number(width) + "\" height=\"" + number(height) + '"';
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + number(width) + ' ' + number(height) +
         "\" width=\"" + size + ">\n<style>\n" + style() + "</style>\n<rect width=\"" + size + " class=\"paper\"/>\n" +
         body_ + "</svg>\n";
}

}  // namespace svg
