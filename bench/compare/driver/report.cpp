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

const samples* outcome::of(std::string_view program) const {
  const auto at = std::ranges::find(results, program, &samples::program);
  return at == results.end() ? nullptr : &*at;
}

const samples* outcome::usable(std::string_view program) const {
  const samples* found = of(program);
  return found != nullptr && found->usable() ? found : nullptr;
}

bool outcome::failed() const { return std::ranges::any_of(results, &samples::failed); }

std::optional<double> outcome::budget() const {
  std::optional<double> least;
  const auto at_most = [&](double limit) { least = std::min(least.value_or(limit), limit); };
  const auto at_most_times = [&](double times, const samples* other) {
    if (times != 0 && other != nullptr) at_most(times * other->median());
  };
  if (row->kind == limit_kind::times_go) {
    at_most_times(row->limit(procs), usable(go_name));
  } else if (row->limit(procs) != 0) {
    at_most(row->limit(procs));
  }
  at_most_times(row->limit_beside(procs), usable(row->beside.program));
  return least;
}

std::optional<verdict> outcome::judged() const {
  const samples* ours = of(our_name);
  if (ours != nullptr && ours->failed) return verdict::missed;
  const auto most = budget();
  if (ours == nullptr || !ours->usable() || !most) return std::nullopt;
  if (ours->median() <= *most) return verdict::met;
  const samples* floor = usable(floor_name);
  return floor != nullptr && ours->median() <= at_floor_up_to * floor->median() ? verdict::at_floor : verdict::missed;
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

std::string range(double least, double most) { return digits(least) + "–" + digits(most); }

struct shown_unit {
  double scale;
  std::string name;
};

shown_unit unit_for(double value, const std::string& unit) {
  if (unit != "bytes") return {1, unit};
  return value >= 1e6 ? shown_unit{1e6, "MB"} : shown_unit{1, "B"};
}

std::string quantity(double value, const std::string& unit) {
  const auto [scale, name] = unit_for(value, unit);
  return digits(value / scale) + ' ' + name;
}

std::string figure(const samples* of) {
  if (of == nullptr) return "";
  if (!of->usable()) return "failed";
  const double scale = unit_for(of->median(), of->unit).scale;
  return quantity(of->median(), of->unit) + " (" + range(of->least() / scale, of->most() / scale) + ')';
}

std::string ratio(const samples* ours, const samples* peer) {
  return ours != nullptr && peer != nullptr ? digits(ours->median() / peer->median()) : "";
}

std::string budget_text(const outcome& result) {
  const comparison& row = *result.row;
  const auto times = [](double limit, std::string_view program) {
    return limit == 0 ? "" : digits(limit) + " × " + std::string(program);
  };
  const double limit = row.limit(result.procs);
  const samples* ours = result.of(our_name);
  const std::string first = row.kind == limit_kind::times_go ? times(limit, go_name)
                            : limit == 0                     ? ""
                                                             : quantity(limit, ours != nullptr ? ours->unit : "");
  const std::string second = times(row.limit_beside(result.procs), row.beside.program);
  return first + (first.empty() || second.empty() ? "" : ", ") + second;
}

std::string verdict_text(const outcome& result) {
  const auto judged = result.judged();
  if (!judged) return "";
  return *judged == verdict::met ? "met" : *judged == verdict::at_floor ? "at the floor" : "**missed**";
}

std::string probe_text(const outcome& result) {
  if (result.probe.empty()) return "";
  const auto [least, most] = std::ranges::minmax(result.probe);
  return range(least, most);
}

std::string table_row(const std::vector<std::string>& cells) {
  std::string line = "|";
  for (const std::string& cell : cells) line += ' ' + cell + " |";
  return line;
}

std::string percent(double share) { return std::to_string(std::lround(share * 100)) + " %"; }

}  // namespace

std::string contenders(const sitting& where) {
  std::string list;
  for (const contender& one : where.programs) {
    list += (list.empty() ? "" : ", ") + one.name + " (" + one.version + ')';
  }
  return list;
}

std::string report_head(const sitting& where) {
  return "    " + where.command + "\n\n" + where.date + "; " + where.machine + "; load " + where.load +
         " at the start.  \n" + contenders(where) + ".  \nMedian of " + std::to_string(where.runs) +
         (where.runs == 1 ? " run" : " runs") + ", the programs in turn; in brackets the least and the most" +
         (where.cpu_time ? ". CPU time instead of the wall clock where a row does not wait" : "") + ".\n";
}

std::string table_head(const sitting& where) {
  std::vector<std::string> cells{"row", "procs"};
  for (const contender& one : where.programs) {
    cells.push_back(one.name);
    if (one.name != our_name) cells.push_back(std::string(our_name) + " / " + one.name);
  }
  cells.insert(cells.end(), {"budget", "verdict", "cache line, ns"});
  return table_row(cells) + "\n|" + [&] {
    std::string rule;
    for (std::size_t i = 0; i < cells.size(); ++i) rule += "---|";
    return rule;
  }();
}

std::string table_line(const sitting& where, const outcome& result) {
  std::vector<std::string> cells{std::string(result.row->title), std::to_string(result.procs)};
  for (const contender& one : where.programs) {
    cells.push_back(figure(result.of(one.name)));
    if (one.name != our_name) cells.push_back(ratio(result.usable(our_name), result.usable(one.name)));
  }
  cells.insert(cells.end(), {budget_text(result), verdict_text(result), probe_text(result)});
  return table_row(cells);
}

std::string report_foot(std::span<const outcome> results, const cpu_use::shares& shares) {
  std::string at_floor;
  std::string missed;
  int judged = 0;
  int met = 0;
  for (const outcome& result : results) {
    const auto one = result.judged();
    if (!one) continue;
    ++judged;
    if (*one == verdict::met) {
      ++met;
      continue;
    }
    std::string& list = *one == verdict::at_floor ? at_floor : missed;
    list += (list.empty() ? "" : ", ") + std::string(result.row->name) + '/' + std::to_string(result.procs);
  }
  return "Budgets met: " + std::to_string(met) + " of " + std::to_string(judged) + '.' +
         (at_floor.empty() ? "" : " Not met, but at the floor (row/processors): " + at_floor + '.') +
         (missed.empty() ? "" : " Missed (row/processors): " + missed + '.') +
         "  \nOf all CPU time, other processes used " + percent(shares.others) + ", other guests of the host " +
         percent(shares.stolen) + '.';
}
