// SPDX-License-Identifier: BSL-1.0
// goro_guard PATH: does one of the hot paths below on one processor while `valgrind --tool=callgrind
// --instr-atstart=no` counts, and prints how many operations have been counted.
//
//   goro_guard --list       the hot paths
//   goro_guard --version    what the counts depend on: compiler, C library and architecture
//
// Most are rows of the comparison, whose clock is replaced: asking it for the time switches the counting on, and off
// the next time, so that start-up and warm-up do not count. What the monitor's thread does meanwhile is in the count,
// and so is what comes of a machine so busy that the monitor takes a processor away: both are small beside the
// tolerance.
#include <gnu/libc-version.h>
#include <sys/utsname.h>

#include <cstdlib>
#include <iostream>

#include <valgrind/callgrind.h>
#include <goro/go.hpp>

#include "common/program.hpp"
#include "own_rows.hpp"
#include "rows.hpp"

namespace {

struct hot_path {
  std::string_view row;
  int operations;
};

constexpr hot_path hot_paths[] = {
    {"yield", 20'000},
    {"spawn_one", 20'000},
    {"spawn_batch_100", 20'000},
    {"spawn_batch_1000", 20'000},
    {"ping_pong_0", 20'000},
    {"ping_pong_1", 20'000},
    {"send_receive_128", 50'000},
    {"producer_consumer_0", 20'000},
    {"producer_consumer_1", 20'000},
    {"producer_consumer_128", 50'000},
    {"many_to_many_64", 50'000},
    {"worker_pool_0", 20'000},
    {"ring_1000", 20'000},
    {"try_recv_empty", 50'000},
    {"make_chan", 20'000},
    {"select_2_unbuffered", 20'000},
    {"select_2_ready", 20'000},
    {"receive_or_default", 50'000},
    {"fan_in_8", 20'000},
    {"mutex_uncontended", 50'000},
    {"rw_mutex_read", 50'000},
    {"cond_ping_pong", 20'000},
    {"wait_group_add_done", 50'000},
    {"semaphore_uncontended", 20'000},
    {"errgroup_tasks", 20'000},
    {"pool_get_put", 50'000},
    {"map_load", 50'000},
    {"map_store", 50'000},
    {"after_func_stop", 20'000},
    {"timer_reset", 20'000},
    {"with_cancel", 20'000},
    {"with_cancel_below", 20'000},
    {"with_timeout", 20'000},
    {"limiter_allow", 20'000},
};

const row& find_row(std::string_view name) {
  for (const auto rows : {goroutine_rows(), channel_rows(), select_rows(), program_rows(), sync_rows(), time_rows(),
                          context_rows(), own_rows()}) {
    for (const row& one : rows) {
      if (one.name == name) return one;
    }
  }
  fail("no row " + std::string(name));
}

const hot_path& find_path(std::string_view name) {
  for (const hot_path& path : hot_paths) {
    if (path.row == name) return path;
  }
  fail("no hot path " + std::string(name));
}

int list_paths() {
  for (const hot_path& path : hot_paths) std::cout << path.row << '\n';
  return 0;
}

int print_version() {
  utsname system{};
  uname(&system);
  std::cout << compiler << ", glibc " << gnu_get_libc_version() << ", " << system.machine << '\n';
  return 0;
}

}  // namespace

double busy_now() {
  static bool counting = false;
  counting = !counting;
  if (counting) {
    CALLGRIND_START_INSTRUMENTATION;
  } else {
    CALLGRIND_STOP_INSTRUMENTATION;
  }
  return 0;
}

double cpu_time() { fail("a hot path does not ask for the CPU time"); }

void fail(std::string_view message) {
  std::cerr << "goro_guard: " << message << '\n';
  std::exit(2);
}

int main(int argc, char** argv) {
  const std::string_view wanted = argc == 2 ? argv[1] : "--list";
  if (wanted == "--list") return list_paths();
  if (wanted == "--version") return print_version();
  const hot_path& path = find_path(wanted);
  const row& chosen = find_row(path.row);
  goro::run({.max_procs = 1}, [&] { chosen.run(path.operations); });
  std::cout << path.operations << '\n';
}
