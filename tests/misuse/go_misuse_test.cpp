// SPDX-License-Identifier: BSL-1.0
// Goroutines that cannot be started, and ways to end one that are none.
#include <goro/goro.hpp>

#include <cstddef>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <thread>

#include "last_words.hpp"

namespace {

struct GoMisuse : misuse_on_procs {};
GORO_ON_PROCS(GoMisuse);

using testing::HasSubstr;

struct has_a_member {
  void f() {}
};

const std::map<std::string, std::function<void()>> empty_functions = {
    {"std::function", [] { goro::go(std::function<void()>()); }},
    {"std::function with arguments", [] { goro::go(std::function<void(int)>(), 1); }},
    {"with options", [] { goro::go({.name = "empty"}, std::function<void()>()); }},
    {"function pointer", [] { goro::go(static_cast<void (*)()>(nullptr)); }},
    {"member pointer", [] { goro::go(static_cast<void (has_a_member::*)()>(nullptr), has_a_member()); }},
};

GORO_CHILD(start_empty_in_main) {
  return goro::run([&] {
    try {
      empty_functions.at(args.at(0))();
    } catch (...) {
      std::puts("caught");
    }
  });
}

GORO_CHILD(start_empty_on_a_plain_thread) {
  empty_functions.at(args.at(0))();
  return 0;
}

TEST_P(GoMisuse, AnEmptyFunctionIsFatalAndThePlaceIsShown) {
  for (const auto& [kind, f] : empty_functions) {
    for (const char* where : {"start_empty_in_main", "start_empty_on_a_plain_thread"}) {
      const auto child = run_here(where, {kind});
      expect_last_words(child, "fatal error: go of nil func value\n");
      EXPECT_EQ(child.out, "") << kind;
      EXPECT_THAT(child.err, HasSubstr("go_misuse_test.cpp:")) << kind;
    }
  }
}

GORO_CHILD(run_empty) { return goro::run(std::function<void()>()); }

TEST_P(GoMisuse, RunningAnEmptyFunctionIsFatalToo) {
  expect_last_words(run_here("run_empty"), "fatal error: go of nil func value\n");
}

TEST_P(GoMisuse, AStackTooSmallOrTooLargePanicsWithTheSizeAndTheBounds) {
  for (const std::size_t size : {std::size_t{1}, std::size_t{100}, std::numeric_limits<std::size_t>::max()}) {
    const auto in_go = panic_of([&] { goro::go({.stack_size = size}, [] {}); });
    EXPECT_THAT(in_go, HasSubstr("stack_size " + std::to_string(size)));
    EXPECT_THAT(in_go, HasSubstr("at least"));
    const auto in_run = panic_of([&] { goro::run({.stack_size = size}, [] {}); });
    EXPECT_THAT(in_run, HasSubstr("stack_size " + std::to_string(size)));
  }
}

GORO_CHILD(go_with_a_tiny_stack) {
  return goro::run([] { goro::go({.stack_size = 16}, [] {}); });
}

TEST_P(GoMisuse, AStackTooSmallUncaughtNamesThePlace) {
  const auto child = run_here("go_with_a_tiny_stack");
  expect_last_words(child, "panic: goro::go: stack_size 16 is out of range");
  EXPECT_THAT(child.err, HasSubstr("go_misuse_test.cpp:"));
}

TEST_P(GoMisuse, RunOfANegativeNumberOfProcessorsPanics) {
  EXPECT_THAT(panic_of([] { goro::run({.max_procs = -1}, [] {}); }), HasSubstr("max_procs -1"));
}

TEST_P(GoMisuse, RunInsideAGoroutinePanics) {
  goro::run([] { EXPECT_THAT(panic_of([] { goro::run([] {}); }), HasSubstr("goro::run")); });
}

TEST_P(GoMisuse, RunOnASecondThreadAtTheSameTimePanics) {
  goro::run([] {
    std::string text;
    std::thread second([&] { text = panic_of([] { goro::run([] {}); }); });
    goro::blocking([&] { second.join(); });
    EXPECT_THAT(text, HasSubstr("goro::run"));
  });
}

GORO_CHILD(swallow_goexit) {
  return goro::run([&] {
    const auto swallow = [] {
      try {
        goro::goexit();
      } catch (...) {
      }
      std::puts("went on");
    };
    if (args.at(0) == "main") swallow();
    goro::go(swallow);
    goro::select();
  });
}

TEST_P(GoMisuse, SwallowingGoexitIsFatalWithWordsThatSaySo) {
  for (const char* where : {"main", "goroutine"}) {
    const auto child = run_here("swallow_goexit", {where});
    expect_last_words(child, "fatal error: goexit was swallowed by a catch (...) in goroutine ");
    EXPECT_THAT(child.err, HasSubstr("throw;"));
    EXPECT_EQ(child.out, "");
  }
}

GORO_CHILD(goexit_on_a_plain_thread) { goro::goexit(); }

TEST_P(GoMisuse, GoexitOnAPlainThreadEndsWithWords) {
  const auto child = run_here("goexit_on_a_plain_thread");
  EXPECT_FALSE(child.timed_out);
  EXPECT_EQ(child.signal, 0);
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, HasSubstr("goexit"));
}

[[gnu::noinline]] void breaks_a_promise() { throw std::runtime_error("promise broken"); }

void promises_not_to_throw() noexcept { breaks_a_promise(); }

struct throws_in_destructor {
  ~throws_in_destructor() noexcept(false) { throw std::runtime_error("from a destructor"); }
};

GORO_CHILD(terminate) {
  return goro::run([&] {
    if (args.at(0) == "noexcept") promises_not_to_throw();
    if (args.at(0) == "destructor") {
      const throws_in_destructor thrower;
      throw std::runtime_error("first");
    }
    std::terminate();
  });
}

TEST_P(GoMisuse, AnExceptionThatCannotGoOnEndsWithItsText) {
  expect_last_words(run_here("terminate", {"noexcept"}), "panic: promise broken\n");
  const auto child = run_here("terminate", {"destructor"});
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, HasSubstr("from a destructor"));
}

TEST_P(GoMisuse, ATerminateWithoutAnExceptionEndsWithWords) {
  const auto child = run_here("terminate", {"plain"});
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, HasSubstr("std::terminate"));
}

}  // namespace
