// SPDX-License-Identifier: BSL-1.0
// The fixtures of the tests that run goroutines. Every test ends with a check that it left nothing behind, and a
// test that hangs ends with a dump of all goroutines.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <goro/debug.hpp>
#include <goro/go.hpp>
#include <goro/panic.hpp>

/// `full` with GORO_STRESS=1 in the environment, else `quick`: for loops that Go's own suite runs very long.
int scale(int full, int quick);
inline int scale(int full) { return scale(full, full / 10); }

/// How much longer things take in this build: 1, or 5 with a sanitizer.
int slowdown();

/// n, or as many goroutines as may exist at a time in this build: ThreadSanitizer knows 8128 threads.
int as_many_goroutines(int n);

/// Lets others run, from a goroutine as well as from a plain thread.
void let_others_run();

/// Waits until the predicate holds. False if it still does not after 20 s (more with a sanitizer).
template <class Predicate>
[[nodiscard]] bool eventually(Predicate holds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20) * slowdown();
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end) return false;
    let_others_run();
  }
  return true;
}

/// How many goroutines wait for this reason now, in the runtime's words ("chan receive", "select", ...).
std::size_t count_waiting(std::string_view reason);

/// Waits until n goroutines are parked for this reason. False if that does not come to pass.
[[nodiscard]] bool eventually_waiting(std::size_t n, std::string_view reason);

/// The text of the goro::panic that f throws; "no panic" if it returns.
template <class F>
[[nodiscard]] std::string panic_of(F f) {
  try {
    static_cast<void>(f());
  } catch (const goro::panic& p) {
    return p.what();
  }
  return "no panic";
}

/// Ends the process with a dump of all goroutines if it is not disarmed in time. Not a thread: one more thread would
/// switch deadlock detection off.
class watchdog {
 public:
  explicit watchdog(std::chrono::seconds limit = std::chrono::seconds(60) * slowdown());
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;
  ~watchdog();
};

/// For tests that use the library from plain threads, or call goro::run themselves.
class leak_checked : public ::testing::Test {
 protected:
  leak_checked() : before_(goro::debug::stats()) {}
  void TearDown() override;

  /// Fails unless every goroutine but the calling one ends.
  static void expect_others_end();

  /// Of what this test leaves behind on purpose: goroutines that block for ever keep what they refer to.
  void expect_leftovers() { leaves_something_ = true; }

 private:
  goro::debug::runtime_stats before_;
  bool leaves_something_ = false;
  watchdog watchdog_;
};

/// Runs each test with 1, 2 and 4 processors.
class on_procs : public leak_checked, public ::testing::WithParamInterface<int> {
 protected:
  /// Runs f as the main goroutine, and fails if it leaves other goroutines behind.
  template <class F>
  void run(F f) {
    goro::run({.max_procs = GetParam()}, [&] {
      f();
      expect_others_end();
    });
  }

  /// Runs f as the main goroutine, with goroutines that are still blocked when it returns.
  template <class F>
  void run_abandoning(F f) {
    expect_leftovers();
    goro::run({.max_procs = GetParam()}, [&] { f(); });
  }
};

#define GORO_ON_PROCS(Suite)                                    \
  INSTANTIATE_TEST_SUITE_P(, Suite, ::testing::Values(1, 2, 4), \
                           [](const auto& of_test) { return "procs" + std::to_string(of_test.param); })
