// SPDX-License-Identifier: BSL-1.0
// goro_compare_driver --program goro=PATH [--program NAME=PATH]... [--out DIRECTORY] -- [ARGUMENTS of bench compare]
//
// Runs the rows whose name matches in turn with each program that has them, prints the medians as a Markdown table, and
// writes that and a plot into the directory. The name of Go's program is Go; what the others are called is free.
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <regex>
#include <set>
#include <sstream>

#include "machine.hpp"
#include "plot.hpp"
#include "process.hpp"
#include "report.hpp"
#include "settings.hpp"

namespace {

struct runnable {
  named_program program;
  std::string version;
  std::set<std::string, std::less<>> rows;
};

runnable ask(const named_program& program) {
  runnable result{
      .program = program, .version = output_of({program.path, "--version"}).value_or("unknown"), .rows = {}};
  while (result.version.ends_with('\n')) result.version.pop_back();
  std::istringstream names(output_of({program.path, "--list"}).value_or(""));
  for (std::string line; std::getline(names, line);) result.rows.insert(line);
  return result;
}

void take(samples& into, const runnable& from, const comparison& row, int procs, bool cpu_time) {
  if (into.failed) return;
  const auto measured = measure(from.program.path, std::string(row.name), procs, row.n, cpu_time ? "cpu" : "wall");
  if (!measured) {
    into.failed = true;
    return;
  }
  into.values.push_back(measured->value);
  into.unit = measured->unit;
}

outcome compare(const settings& chosen, const std::vector<runnable>& programs, const comparison& row, int procs) {
  outcome result{.row = &row, .procs = procs, .results = {}, .probe = {}};
  std::vector<const runnable*> having;
  for (const runnable& one : programs) {
    if (!one.rows.contains(row.name)) continue;
    having.push_back(&one);
    result.results.push_back({.program = one.program.name, .values = {}, .unit = {}});
  }
  for (int r = 0; r < chosen.runs; ++r) {
    if (procs > 1) result.probe.push_back(cache_line_round_trip());
    for (std::size_t i = 0; i < having.size(); ++i) take(result.results[i], *having[i], row, procs, chosen.cpu_time);
  }
  return result;
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d", std::gmtime(&now));
  return text;
}

sitting sit_down(const settings& chosen, const std::vector<runnable>& programs) {
  sitting here{.command = chosen.command,
               .date = today(),
               .machine = machine_line(),
               .load = load_average(),
               .programs = {},
               .runs = chosen.runs,
               .cpu_time = chosen.cpu_time};
  for (const runnable& one : programs) here.programs.push_back({one.program.name, one.version});
  return here;
}

// Before the measuring, not after it.
void make_directory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error || access(directory.c_str(), W_OK) != 0) {
    usage("cannot write to " + directory.string() + "; choose another with --out, or --out - for none");
  }
}

bool write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text << std::flush;
  std::cerr << "compare: " << (out ? "wrote " : "could not write ") << file.string() << '\n';
  return static_cast<bool>(out);
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
  if (chosen.out != "-") make_directory(chosen.out);

  std::vector<runnable> programs;
  for (const named_program& one : chosen.programs) programs.push_back(ask(one));
  const cpu_use use;
  const sitting here = sit_down(chosen, programs);
  std::string report;
  const auto say = [&](const std::string& text) {
    report += text + '\n';
    std::cout << text << std::endl;
  };
  say(report_head(here));
  say(table_head(here));
  std::vector<outcome> results;
  for (const comparison* row : rows) {
    for (const int procs : chosen.procs) {
      results.push_back(compare(chosen, programs, *row, procs));
      say(table_line(here, results.back()));
    }
  }
  say("\n" + report_foot(results, use.so_far()));

  bool good = std::ranges::none_of(results, &outcome::failed);
  if (chosen.out != "-") {
    const std::filesystem::path directory(chosen.out);
    const std::string title = "# The comparison\n\n![Every row as a multiple of what Go takes](compare.svg)\n\n";
    good = write(directory / "compare.md", title + report) && good;
    good = write(directory / "compare.svg", plot(here, results)) && good;
  }
  return good ? 0 : 1;
}
