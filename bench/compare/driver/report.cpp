// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

double samples::median() const {
  auto sorted = values;
  std::ranges::sort(sorted);
  const std::size_t half = sorted.size() / 2;
  return sorted.size() % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}
double samples::least() const { return *std::ranges::min_element(values); }
double samples::most() const { return *std::ranges::max_element(values); }

double outcome::limit() const {
  switch (procs) {
    case 1: return row->limit_1;
    case 2: return row->limit_2;
    default: return 0;
  }
}

double outcome::limit_tbb() const { return procs <= 2 ? row->limit_tbb : 0; }

std::optional<bool> outcome::within_budget() const {
  if (ours.failed) return false;
  if (!ours.usable()) return std::nullopt;
  std::optional<bool> within;
  const auto judge = [&](double limit) { within = within.value_or(true) && ours.median() <= limit; };
  if (limit() != 0 && row->kind == limit_kind::at_most) judge(limit());
  if (limit() != 0 && row->kind == limit_kind::times_go && go.usable()) judge(limit() * go.median());
  if (limit_tbb() != 0 && tbb.usable()) judge(limit_tbb() * tbb.median());
  return within;
}

namespace {

// Three significant digits, never in powers of ten.
std::string digits(double value) {
  const double size = std::abs(value);
  const int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", decimals, value);
  return text;
}

std::string quantity(double value, const std::string& unit) {
  if (unit == "bytes" && value >= 1e6) return digits(value / 1e6) + " MB";
  if (unit == "bytes") return digits(value) + " B";
  return digits(value) + ' ' + unit;
}

std::string range(double least, double most) { return digits(least) + "–" + digits(most); }

std::string spread(const samples& s) {
  if (!s.usable()) return "";
  const double scale = s.unit == "bytes" && s.median() >= 1e6 ? 1e6 : 1;
  return range(s.least() / scale, s.most() / scale);
}

std::string middle(const samples& s) {
  if (s.failed) return "failed";
  return s.usable() ? quantity(s.median(), s.unit) : "";
}

std::string budget(const outcome& result) {
  std::string text;
  if (result.limit() != 0)
    text = result.row->kind == limit_kind::times_go ? digits(result.limit())
                                                    : "≤ " + quantity(result.limit(), result.ours.unit);
  if (result.limit_tbb() != 0) text += (text.empty() ? "" : ", ") + digits(result.limit_tbb()) + " of oneTBB";
  return text;
}

std::string ratio(const samples& ours, const samples& peer) {
  return ours.usable() && peer.usable() ? digits(ours.median() / peer.median()) : "";
}

}  // namespace

std::string table_head() {
  return "| row | procs | goro | Go | goro / Go | oneTBB | goro / oneTBB | budget | within | goro min–max | Go min–max | "
         "oneTBB min–max | cache line, ns |\n"
         "|---|---|---|---|---|---|---|---|---|---|---|---|---|";
}

std::string table_line(const outcome& result) {
  const auto verdict = result.within_budget();
  std::string probe;
  if (!result.probe.empty()) {
    const auto [least, most] = std::ranges::minmax(result.probe);
    probe = range(least, most);
  }
  std::string line = "| ";
  line += result.row->title;
  for (const std::string& cell :
       {std::to_string(result.procs), middle(result.ours), middle(result.go), ratio(result.ours, result.go),
        middle(result.tbb), ratio(result.ours, result.tbb), budget(result),
        std::string(!verdict   ? ""
                    : *verdict ? "yes"
                               : "**no**"),
        spread(result.ours), spread(result.go), spread(result.tbb), probe}) {
    line += " | " + cell;
  }
  return line + " |";
}
