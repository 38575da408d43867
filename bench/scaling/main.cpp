// SPDX-License-Identifier: BSL-1.0
// goro_scaling [--most N] [--list] [FILTER]: what changes when there is more of everything. See bench/README.md.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <regex>
#include <string>
#include <thread>
#include <vector>

#include <goro/go.hpp>
#include <goro/sync.hpp>

#include "growth.hpp"
#include "loads.hpp"
#include "machine.hpp"
#include "table.hpp"

namespace {

using namespace std::chrono_literals;

constexpr std::string_view usage =
    "usage: ./goro bench scaling [--most N] [--procs P] [--list] [FILTER]\n"
    "  FILTER  a regular expression: only rows that match, of growth/…, idle/… and many/…\n"
    "  --most  no more than N goroutines, channels or timers (default 1000000, which takes 6 GB)\n"
    "  --procs so many processors in many/… (default 64), of which there may be fewer here\n"
    "  --list  the names of the rows\n";

struct settings {
  std::int64_t most = 1'000'000;
  int procs = 64;
  bool list = false;
  std::optional<std::regex> filter;
};

[[noreturn]] void refuse(const std::string& why) {
  std::cerr << "bench scaling: " << why << '\n' << usage;
  std::exit(2);
}

settings parse(int argc, char** argv) {
  settings chosen;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "-h" || word == "--help") {
      std::cout << usage;
      std::exit(0);
    } else if (word == "--list") {
      chosen.list = true;
    } else if (word == "--most") {
      chosen.most = i + 1 < argc ? std::atoll(argv[++i]) : 0;
      if (chosen.most < 1000) refuse("--most takes a number of at least 1000");
    } else if (word == "--procs") {
      chosen.procs = i + 1 < argc ? std::atoi(argv[++i]) : 0;
      if (chosen.procs < 1) refuse("--procs takes a number of at least 1");
    } else if (word.starts_with("-")) {
      refuse("unknown flag " + word);
    } else if (chosen.filter) {
      refuse("one filter only, not also '" + word + "'");
    } else {
      try {
        chosen.filter.emplace(word);
      } catch (const std::regex_error&) {
        refuse("'" + word + "' is not a regular expression");
      }
    }
  }
  return chosen;
}

// The rows of a section that match; it counts them, and lists them if that is all that is asked for.
class selection {
 public:
  explicit selection(const settings& chosen) : chosen_(chosen) {}

  template <class Row>
  std::vector<Row> of(
      const std::string& section, std::initializer_list<std::span<const Row>> groups,
      bool (*belongs)(const Row&) = [](const Row&) { return true; }) {
    std::vector<Row> result;
    for (const auto rows : groups) {
      for (const Row& row : rows) {
        const std::string name = section + '/' + std::string(row.name);
        if (!belongs(row)) continue;
        if (chosen_.filter && !std::regex_search(name, *chosen_.filter)) continue;
        ++found_;
        if (chosen_.list) {
          std::cout << name << '\n';
        } else {
          result.push_back(row);
        }
      }
    }
    return result;
  }
  [[nodiscard]] bool is_empty() const { return found_ == 0; }

 private:
  const settings& chosen_;
  int found_ = 0;
};

// What many goroutines leave behind goes back to the kernel a second later, in the process's time: not in the next row's.
void settle(std::int64_t n) {
  if (n < 10'000) return;
  std::this_thread::sleep_for(1100ms);
  for (double before = -1e9; cpu_now() - before > 1e6;) {
    before = cpu_now();
    std::this_thread::sleep_for(100ms);
  }
}

void growth(const std::vector<growth_row>& rows, std::int64_t most) {
  if (rows.empty()) return;
  std::cout
      << "\n## Growth\n\n"
         "CPU time of an operation, in ns, with one processor and n of something; behind the stroke, that of going\n"
         "through the memory which the operation touches and the one before it did not. How much more the largest n\n"
         "costs than the smallest, and how much of that the memory does.\n";
  std::vector<std::int64_t> sizes;
  for (std::int64_t n = 1000; n <= most; n *= 10) sizes.push_back(n);
  std::vector<std::string> head{"row", "operation"};
  for (const std::int64_t n : sizes) head.push_back("n = " + with_spaces(n));
  head.insert(head.end(), {"more", "memory"});
  table figures(head);
  for (const growth_row& row : rows) {
    std::vector<std::string> cells{std::string(row.name), std::string(row.what)};
    std::vector<double> ns;
    std::vector<double> walk;
    for (const std::int64_t n : sizes) {
      goro::run({.max_procs = 1}, [&] { ns.push_back(row.run(n)); });
      settle(n);
      walk.push_back(memory_walk(n, row.each));
      cells.push_back(digits(ns.back()) + " / " + digits(walk.back()));
    }
    cells.push_back(digits(ns.back() - ns.front()));
    cells.push_back(digits(walk.back() - walk.front()));
    figures.line(cells);
  }
}

cost run_alone(const load& one, int procs, std::int64_t n) {
  return middle_of_three([&] {
    cost c;
    goro::run({.max_procs = procs}, [&] {
      one.run(n / 10);
      c = cost_of(n, [&] { one.run(n); });
    });
    return c;
  });
}

cost run_many(const load& one, int procs) {
  return middle_of_three([&] {
    cost c;
    goro::run({.max_procs = procs}, [&] {
      const auto all = [&](std::int64_t n) {
        goro::wait_group group;
        for (int g = 0; g < procs; ++g) group.go([&one, n] { one.run(n); });
        group.wait();
      };
      all(one.operations / 10);
      c = cost_of(one.operations * procs, [&] { all(one.operations); });
    });
    return c;
  });
}

void add_counts(std::vector<std::string>& cells, const cost& c) {
  for (const double each :
       {c.sleeps, c.wakes, c.barriers, c.steals, c.migrations, c.takeaways, c.parks, c.locks, c.writes})
    cells.push_back(digits(each * 1000));
}

std::vector<std::string> counts_head(std::initializer_list<std::string> before) {
  std::vector<std::string> head(before);
  head.insert(head.end(), {"futex sleeps", "futex wakes", "barriers", "steals", "migrations", "takeaways", "parks",
                           "global locks", "shared writes"});
  return head;
}

void idle(const std::vector<load>& loads) {
  if (loads.empty()) return;
  std::cout << "\n## Idle processors\n\n"
               "Work of one goroutine at a time, while the other processors have none. Wall and CPU time of an "
               "operation in ns;\n"
               "the rest is counted per 1000 operations.\n";
  table figures(counts_head({"row", "operation", "processors", "wall", "CPU"}));
  for (const load& one : loads) {
    for (const int procs : {1, 2, 4, 16, 64}) {
      const cost c = run_alone(one, procs, one.operations * 5);
      std::vector<std::string> cells{std::string(one.name), std::string(one.what), std::to_string(procs),
                                     digits(c.wall), digits(c.cpu)};
      add_counts(cells, c);
      figures.line(cells);
    }
  }
}

void many(const std::vector<load>& loads, int procs) {
  if (loads.empty()) return;
  std::cout << "\n## " << procs << " processors\n\n"
            << procs << " times the same work, each with things of its own, on " << procs
            << " processors. CPU time of an operation in ns, and that of the\n"
               "work done once, on one processor; the rest is counted per 1000 operations.\n";
  table figures(counts_head({"row", "operation", "CPU, 1 processor", "CPU"}));
  for (const load& one : loads) {
    const cost alone = run_alone(one, 1, one.operations);
    const cost c = run_many(one, procs);
    std::vector<std::string> cells{std::string(one.name), std::string(one.what), digits(alone.cpu), digits(c.cpu)};
    add_counts(cells, c);
    figures.line(cells);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const settings chosen = parse(argc, argv);
  selection rows(chosen);
  const auto growing =
      rows.of<growth_row>("growth", {goroutine_growth(), channel_growth(), timer_growth(), waiter_growth()});
  const auto for_one =
      rows.of<load>("idle", {message_loads(), other_loads()}, [](const load& one) { return one.for_one; });
  const auto all = rows.of<load>("many", {message_loads(), other_loads()});
  if (rows.is_empty()) refuse("no row matches; --list shows their names");
  if (chosen.list) return 0;

  const cpu_use use;
  std::cout << "# Scaling\n\n" << machine_line() << "; load " << load_average() << '\n';
  growth(growing, chosen.most);
  idle(for_one);
  many(all, chosen.procs);
  const auto others = use.so_far();
  std::cout << "\nOf all CPU time, other processes used " << digits(others.others * 100)
            << " % and other guests of the host " << digits(others.stolen * 100) << " %.\n";
}
