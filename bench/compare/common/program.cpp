// SPDX-License-Identifier: BSL-1.0
#include "common/program.hpp"

#include <sys/resource.h>

#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>

namespace {

std::string_view running;
bool count_cpu_time = false;

const row& find_row(const program& self, std::string_view name) {
  for (const auto rows : self.rows) {
    for (const row& one : rows) {
      if (one.name == name) return one;
    }
  }
  fail("no row " + std::string(name));
}

int list_rows(const program& self) {
  for (const auto rows : self.rows) {
    for (const row& one : rows) std::cout << one.name << '\n';
  }
  return 0;
}

}  // namespace

void fail(std::string_view message) {
  std::cerr << running << ": " << message << '\n';
  std::exit(2);
}

double cpu_time() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e9 + static_cast<double>(t.tv_usec) * 1e3;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double busy_now() { return count_cpu_time ? cpu_time() : nanoseconds(wall_clock::now().time_since_epoch()); }

int run_program(const program& self, int argc, char** argv) {
  running = self.name;
  if (argc < 2 || std::string_view(argv[1]) == "--list") return list_rows(self);
  if (std::string_view(argv[1]) == "--version") {
    std::cout << self.version << '\n';
    return 0;
  }
  const row& chosen = find_row(self, argv[1]);
  int procs = 1;
  int n = 1;
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    if (flag == "--procs") {
      procs = std::atoi(argv[i + 1]);
    } else if (flag == "--n") {
      n = std::atoi(argv[i + 1]);
    } else if (flag == "--clock") {
      count_cpu_time = std::string_view(argv[i + 1]) == "cpu";
    } else {
      fail("the flags are --procs, --n and --clock, not " + std::string(flag));
    }
  }
  self.with_procs(chosen, procs, [&] {
    const double value = chosen.run(n);
    std::cout << chosen.name << ' ' << procs << ' ' << std::setprecision(12) << value << ' ' << chosen.unit
              << std::endl;
  });
  return 0;
}
