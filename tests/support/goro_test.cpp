// SPDX-License-Identifier: BSL-1.0
#include "goro_test.hpp"

#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include <goro/detail/config.hpp>
#include <goro/time.hpp>

int scale(int full, int quick) {
  static const bool stress = [] {
    const char* value = std::getenv("GORO_STRESS");
    return value != nullptr && std::string_view(value) == "1";
  }();
  return stress ? full : std::max(quick, 1);
}

int slowdown() { return GORO_ASAN || GORO_TSAN ? 5 : 1; }

int as_many_goroutines(int n) { return GORO_TSAN ? std::min(n, 2000) : n; }

void let_others_run() {
  if (goro::goid() != 0) {
    goro::gosched();
  } else {
    sched_yield();
  }
}

std::size_t count_waiting(std::string_view reason) {
  const auto all = goro::debug::goroutines();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const goro::debug::goroutine_info& g) { return g.reason == reason; }));
}

bool eventually_waiting(std::size_t n, std::string_view reason) {
  return eventually([&] {
    if (count_waiting(reason) == n) return true;
    goro::sleep(std::chrono::milliseconds(1));  // a snapshot stops all goroutines: give them time in between
    return false;
  });
}

namespace {

void quit(int) { kill(getpid(), SIGQUIT); }

bool has_more(const goro::debug::runtime_stats& now, const goro::debug::runtime_stats& before) {
  return now.goroutines > before.goroutines || now.channels > before.channels || now.timers > before.timers ||
         now.stacks > before.stacks;
}

std::string dump() {
  std::ostringstream out;
  goro::debug::dump(out);
  return std::move(out).str();
}

}  // namespace

watchdog::watchdog(std::chrono::seconds limit) {
  struct sigaction action = {};
  action.sa_handler = quit;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  sigaction(SIGALRM, &action, nullptr);
  alarm(static_cast<unsigned>(limit.count()));
}

watchdog::~watchdog() { alarm(0); }

void leak_checked::expect_others_end() {
  if (HasFailure()) return;
  EXPECT_TRUE(eventually([] { return goro::num_goroutine() == 1; })) << dump();
}

void leak_checked::TearDown() {
  if (leaves_something_ || HasFailure()) return;
  EXPECT_TRUE(eventually([&] { return !has_more(goro::debug::stats(), before_); })) << dump();
  const auto after = goro::debug::stats();
  EXPECT_LE(after.goroutines, before_.goroutines);
  EXPECT_LE(after.channels, before_.channels);
  EXPECT_LE(after.timers, before_.timers);
  EXPECT_LE(after.stacks, before_.stacks);
}
