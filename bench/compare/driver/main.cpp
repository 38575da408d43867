// SPDX-License-Identifier: BSL-1.0
// compare OURS GO TBB [--runs R] [--procs 1,2] [--cpu-time] [--list] [FILTER]: runs the rows whose name matches FILTER in
// turn with the program OURS and, where they have the row, its twins GO and TBB ("-" if there is none), and prints the
// medians as a Markdown table.
#include <cstdlib>
#include <iostream>
#include <regex>
#include <sstream>

#include "machine.hpp"
#include "process.hpp"
#include "report.hpp"
#include "rows.hpp"

namespace {

struct settings {
  std::string ours, go, tbb;
  int runs = 5;
  std::vector<int> procs{1, 2};
  std::string clock = "wall";
  std::string filter;
  bool list = false;
};

[[noreturn]] void usage(const std::string& why) {
  std::cerr << "compare: " << why
            << "\nusage: compare OURS GO TBB [--runs R] [--procs 1,2] [--cpu-time] [--list] [FILTER]\n";
  std::exit(2);
}

std::vector<int> numbers(const std::string& list) {
  std::vector<int> result;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    result.push_back(std::atoi(word.c_str()));
    if (result.back() < 1) usage("'" + list + "' is not a list of numbers");
  }
  return result;
}

settings parse(int argc, char** argv) {
  settings chosen;
  if (argc < 4) usage("the programs to compare are missing");
  chosen.ours = argv[1];
  chosen.go = argv[2];
  chosen.tbb = argv[3];
  for (int i = 4; i < argc; ++i) {
    const std::string word = argv[i];
    const bool has_value = i + 1 < argc;
    if (word == "--list") {
      chosen.list = true;
    } else if (word == "--cpu-time") {
      chosen.clock = "cpu";
      chosen.procs = {1};
    } else if (word == "--runs" && has_value) {
      chosen.runs = numbers(argv[++i]).at(0);
    } else if (word == "--procs" && has_value) {
      chosen.procs = numbers(argv[++i]);
    } else if (!word.starts_with("-") && chosen.filter.empty()) {
      chosen.filter = word;
    } else {
      usage("what is '" + word + "'?");
    }
  }
  return chosen;
}

void take(samples& into, const std::string& program, const comparison& row, int procs, const std::string& clock) {
  if (into.failed) return;
  const auto measured = measure(program, std::string(row.name), procs, row.n, clock);
  if (!measured) {
    into.failed = true;
    return;
  }
  into.values.push_back(measured->value);
  into.unit = measured->unit;
}

bool has_row(const std::string& program, std::string_view name) {
  if (program == "-") return false;
  std::istringstream names(output_of({program, "--list"}).value_or(""));
  for (std::string line; std::getline(names, line);) {
    if (line == name) return true;
  }
  return false;
}

outcome compare(const settings& chosen, const comparison& row, int procs) {
  outcome result{.row = &row, .procs = procs, .ours = {}, .go = {}, .tbb = {}, .probe = {}};
  const bool in_go = has_row(chosen.go, row.name);
  const bool in_tbb = has_row(chosen.tbb, row.name);
  for (int r = 0; r < chosen.runs; ++r) {
    if (procs > 1) result.probe.push_back(cache_line_round_trip());
    take(result.ours, chosen.ours, row, procs, chosen.clock);
    if (in_go) take(result.go, chosen.go, row, procs, chosen.clock);
    if (in_tbb) take(result.tbb, chosen.tbb, row, procs, chosen.clock);
  }
  return result;
}

std::string version_of(const std::string& program) {
  std::string text = output_of({program, "--version"}).value_or("unknown");
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

void print_head(const settings& chosen) {
  std::cout << "Machine: " << machine_line() << ", load " << load_average() << " at the start.  \n"
            << "goro built by " << version_of(chosen.ours)
            << "; Go twin: " << (chosen.go != "-" ? version_of(chosen.go) : "none, there is no `go` on this machine")
            << "; fork-join also: "
            << (chosen.tbb != "-" ? version_of(chosen.tbb) : "none, oneTBB is not installed (Debian: libtbb-dev)")
            << ".  \n"
            << "Medians of " << chosen.runs << " runs, all programs in turn"
            << (chosen.clock == "cpu" ? "; CPU time instead of the wall clock where a row does not wait" : "")
            << ".\n\n"
            << table_head() << std::endl;
}

void print_foot(const std::vector<outcome>& results, const cpu_use& use) {
  std::string missed;
  int judged = 0;
  int within = 0;
  for (const outcome& result : results) {
    const auto verdict = result.within_budget();
    if (!verdict) continue;
    ++judged;
    if (*verdict) {
      ++within;
    } else {
      missed += (missed.empty() ? "" : ", ") + std::string(result.row->name) + '/' + std::to_string(result.procs);
    }
  }
  const auto shares = use.so_far();
  std::cout << "\nWithin budget: " << within << " of " << judged << '.';
  if (!missed.empty()) std::cout << " Not (row/processors): " << missed << '.';
  std::cout << "  \nOf all CPU time, other processes used " << static_cast<int>(shares.others * 100 + 0.5)
            << " %, other guests of the host " << static_cast<int>(shares.stolen * 100 + 0.5) << " %.\n";
}

}  // namespace

int main(int argc, char** argv) {
  const settings chosen = parse(argc, argv);
  const std::regex filter(chosen.filter);
  std::vector<const comparison*> rows;
  for (const comparison& row : comparisons()) {
    if (std::regex_search(row.name.begin(), row.name.end(), filter)) rows.push_back(&row);
  }
  if (chosen.list) {
    for (const comparison* row : rows) std::cout << row->name << "\t" << row->title << '\n';
    return 0;
  }
  if (rows.empty()) usage("no row matches '" + chosen.filter + "'; --list shows them");

  const cpu_use use;
  print_head(chosen);
  std::vector<outcome> results;
  bool failed = false;
  for (const comparison* row : rows) {
    for (const int procs : chosen.procs) {
      results.push_back(compare(chosen, *row, procs));
      failed = failed || results.back().ours.failed || results.back().go.failed || results.back().tbb.failed;
      std::cout << table_line(results.back()) << std::endl;
    }
  }
  print_foot(results, use);
  return failed ? 1 : 0;
}
