// SPDX-License-Identifier: BSL-1.0
#include "plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <optional>

#include "svg.hpp"

namespace {

constexpr double margin = 16;
constexpr double panel_width = 380;
constexpr double panel_gap = 44;
constexpr std::size_t panels_beside = 2;
constexpr double axis_height = 44;  // the panel's title and the numbers
constexpr double lane_height = 6;   // of one program in a row
constexpr double line_height = 18;  // of text

// Ratios on a logarithmic axis that ends at 1, 2 or 5 times a power of ten.
class axis {
 public:
  axis(double least, double most) {
    for (int decade = -9; decade <= 9; ++decade) {
      for (const int step : {1, 2, 5}) ticks_.push_back({step, decade});
    }
    const auto above = [](double ratio) { return [=](const tick& t) { return t.value() > ratio; }; };
    const auto end = std::ranges::find_if(ticks_, above(most * 1.05));
    ticks_.erase(end == ticks_.end() ? end : end + 1, ticks_.end());
    const auto begin = std::ranges::find_if(ticks_, above(least / 1.05));
    ticks_.erase(ticks_.begin(), begin == ticks_.begin() ? begin : begin - 1);
  }

  struct tick {
    int step, decade;
    [[nodiscard]] double value() const { return step * std::pow(10, decade); }
    [[nodiscard]] std::string text() const {
      char written[32];
      std::snprintf(written, sizeof written, "%.*f", std::max(0, -decade), value());
      return written;
    }
  };
  [[nodiscard]] const std::vector<tick>& ticks() const { return ticks_; }
  [[nodiscard]] double at(double ratio) const {
    const double first = std::log10(ticks_.front().value());
    return (std::log10(ratio) - first) / (std::log10(ticks_.back().value()) - first) * panel_width;
  }
  // Whether there is room for a number at 2 and at 5.
  [[nodiscard]] bool wide() const { return at(10) - at(1) > 130; }

 private:
  std::vector<tick> ticks_;
};

struct ratios {
  double middle, least, most;
};

std::optional<ratios> to_go(const outcome& result, std::string_view program) {
  const samples* of = result.usable(program);
  const samples* go = result.usable(go_name);
  if (of == nullptr || go == nullptr || of->least() <= 0 || go->least() <= 0) return std::nullopt;
  return ratios{of->median() / go->median(), of->least() / go->median(), of->most() / go->median()};
}

std::optional<double> budget_to_go(const outcome& result) {
  const auto budget = result.budget();
  if (!budget || !to_go(result, go_name)) return std::nullopt;
  return *budget / result.usable(go_name)->median();
}

class picture {
 public:
  picture(const sitting& where, std::span<const outcome> results) : where_(where), results_(results) {
    for (const outcome& result : results) {
      auto& list = to_go(result, go_name) ? rows_ : left_out_;
      if (std::ranges::find(list, result.row) == list.end()) list.push_back(result.row);
      if (std::ranges::find(procs_, result.procs) == procs_.end()) procs_.push_back(result.procs);
    }
    std::erase_if(left_out_, [&](const comparison* row) { return std::ranges::find(rows_, row) != rows_.end(); });
    for (const comparison* row : rows_) labels_ = std::max(labels_, svg::width_of(row->title));
    row_height_ = lane_height * static_cast<double>(where.programs.size()) + 4;
  }

  std::string draw() {
    const std::size_t beside = std::clamp<std::size_t>(procs_.size(), 1, panels_beside);
    width_ = margin * 2 + labels_ + static_cast<double>(beside) * (panel_width + panel_gap);
    double y = head(margin + line_height);
    if (!rows_.empty()) {
      const axis scale = find_axis();
      for (std::size_t first = 0; first < procs_.size(); first += beside) {
        y = band(y, scale, std::span(procs_).subspan(first, std::min(beside, procs_.size() - first)));
      }
    }
    return out_.finish(width_, foot(y));
  }

 private:
  [[nodiscard]] axis find_axis() const {
    double least = 1;
    double most = 1;
    const auto include = [&](double low, double high) {
      least = std::min(least, low);
      most = std::max(most, high);
    };
    for (const outcome& result : results_) {
      for (const contender& one : where_.programs) {
        if (const auto r = to_go(result, one.name)) include(r->least, r->most);
      }
      if (const auto budget = budget_to_go(result)) include(*budget, *budget);
    }
    return {least, most};
  }

  double head(double y) {
    out_.text(margin, y, "title", "Time or memory as a multiple of Go's");
    y += line_height;
    out_.text(margin, y, "dim", "Medians, on a logarithmic scale; further left is better.");
    y += line_height * 1.3;
    double x = margin;
    const auto entry = [&](const std::string& text, auto draw_key) {
      if (x + 36 + svg::width_of(text) > width_ - margin) {
        x = margin;
        y += line_height;
      }
      draw_key(x + 10, y - 4);
      out_.text(x + 26, y, "", text);
      x += 44 + svg::width_of(text);
    };
    for (std::size_t i = 0; i < where_.programs.size(); ++i) {
      entry(where_.programs[i].name, [&](double at, double line) {
        out_.line(at - 9, line, at + 9, line, svg::series("whisker", i));
        out_.marker(at, line, i, true);
      });
    }
    entry("goro, over budget", [&](double at, double line) { out_.marker(at, line, 0, false); });
    entry("budget", [&](double at, double line) { out_.line(at, line - 8, at, line + 8, "budget"); });
    entry("least to most of " + std::to_string(where_.runs) + (where_.runs == 1 ? " run" : " runs"),
          [&](double at, double line) { out_.line(at - 9, line, at + 9, line, "unity"); });
    return y + line_height;
  }

  double band(double y, const axis& scale, std::span<const int> procs) {
    const double top = y + axis_height;
    const double bottom = top + row_height_ * static_cast<double>(rows_.size());
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      const double row_top = top + row_height_ * static_cast<double>(r);
      if (r % 2 == 0) out_.rectangle(margin, row_top, width_ - 2 * margin, row_height_, "stripe");
      out_.text(margin + labels_, row_top + row_height_ / 2 + 4, "right", rows_[r]->title);
    }
    double left = margin + labels_ + panel_gap / 2;
    for (const int count : procs) {
      panel(left, top, bottom, scale, count);
      left += panel_width + panel_gap;
    }
    return bottom + line_height * 1.5;
  }

  void panel(double left, double top, double bottom, const axis& scale, int procs) {
    out_.text(left + panel_width / 2, top - 26, "middle strong",
              std::to_string(procs) + (procs == 1 ? " processor" : " processors"));
    for (const axis::tick& tick : scale.ticks()) {
      const double x = left + scale.at(tick.value());
      const bool one = tick.step == 1 && tick.decade == 0;
      out_.line(x, top, x, bottom, one ? "unity" : tick.step == 1 ? "decade" : "tick");
      if (tick.step == 1 || scale.wide()) {
        for (const double y : {top - 6, bottom + 13}) out_.text(x, y, "middle dim", tick.text());
      }
    }
    for (const outcome& result : results_) {
      const auto at = std::ranges::find(rows_, result.row);
      if (result.procs != procs || at == rows_.end()) continue;
      row(left, top + row_height_ * static_cast<double>(at - rows_.begin()), scale, result);
    }
  }

  void row(double left, double top, const axis& scale, const outcome& result) {
    if (const auto budget = budget_to_go(result)) {
      const double x = left + scale.at(*budget);
      out_.line(x, top + 1, x, top + row_height_ - 1, "budget");
    }
    for (std::size_t i = 0; i < where_.programs.size(); ++i) {
      const auto r = to_go(result, where_.programs[i].name);
      if (!r) continue;
      const double y = top + 2 + lane_height * (static_cast<double>(i) + 0.5);
      out_.line(left + scale.at(r->least), y, left + scale.at(r->most), y, svg::series("whisker", i));
      out_.marker(left + scale.at(r->middle), y, i, i != 0 || result.judged().value_or(verdict::met) == verdict::met);
    }
  }

  double foot(double y) {
    std::vector<std::string> lines{where_.command, where_.date + "; " + where_.machine, contenders(where_)};
    std::string titles;
    for (const comparison* row : left_out_) titles += (titles.empty() ? "" : "; ") + std::string(row->title);
    if (!titles.empty()) lines.push_back("Not shown, because there is no figure of Go's: " + titles);
    for (const std::string& paragraph : lines) {
      for (const std::string& line : svg::wrapped(paragraph, width_ - 2 * margin)) {
        y += line_height;
        out_.text(margin, y, "dim", line);
      }
    }
    return y + margin;
  }

  const sitting& where_;
  std::span<const outcome> results_;
  std::vector<const comparison*> rows_, left_out_;
  std::vector<int> procs_;
  double labels_ = 0;
  double row_height_ = 0;
  double width_ = 0;
  svg::drawing out_;
};

}  // namespace

std::string plot(const sitting& where, std::span<const outcome> results) { return picture(where, results).draw(); }
