// SPDX-License-Identifier: BSL-1.0
// goro_compare ROW --procs N --n ITERATIONS [--clock wall|cpu] prints one line: "ROW N VALUE UNIT".
#include <sys/resource.h>

#include <array>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <string>

#include <goro/goro.hpp>

#include "row.hpp"

void fail(std::string_view message) {
  std::cerr << "goro_compare: " << message << '\n';
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

namespace {

bool count_cpu_time = false;

std::array<std::span<const row>, 9> all_rows() {
  return {goroutine_rows(), channel_rows(), select_rows(), program_rows(), memory_rows(),
          blocking_rows(),  sync_rows(),    time_rows(),   context_rows()};
}

const row& find_row(std::string_view name) {
  for (const auto rows : all_rows()) {
    for (const row& one : rows) {
      if (one.name == name) return one;
    }
  }
  fail("no row " + std::string(name));
}

int list_rows() {
  for (const auto rows : all_rows()) {
    for (const row& one : rows) std::cout << one.name << '\n';
  }
  return 0;
}

#ifdef __clang__
constexpr std::string_view compiler = "clang " __clang_version__;
#else
constexpr std::string_view compiler = "g++ " __VERSION__;
#endif

}  // namespace

double busy_now() { return count_cpu_time ? cpu_time() : nanoseconds(wall_clock::now().time_since_epoch()); }

int main(int argc, char** argv) {
  if (argc < 2 || std::string_view(argv[1]) == "--list") return list_rows();
  if (std::string_view(argv[1]) == "--version") {
    std::cout << compiler << '\n';
    return 0;
  }
  const row& chosen = find_row(argv[1]);
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
  return goro::run({.max_procs = procs}, [&] {
    const double value = chosen.run(n);
    std::cout << chosen.name << ' ' << procs << ' ' << std::setprecision(12) << value << ' ' << chosen.unit
              << std::endl;
  });
}
