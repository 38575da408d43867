// SPDX-License-Identifier: BSL-1.0
// A function whose goroutine has not begun is run by the one who waits for its result, as if it were in a goroutine of its
// own.
#include <goro/parallel.hpp>

#include <stdexcept>
#include <string>
#include <vector>

#include <goro/sync/wait_group.hpp>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

struct FutureInPlace : on_procs {};
GORO_ON_PROCS(FutureInPlace);

// With one processor nobody else can begin it.
TEST(FutureInPlaceOnOne, NobodySwitchesForAFunctionThatHasNotBegun) {
  goro::run({.max_procs = 1}, [] {
    const auto self = goro::goid();
    EXPECT_EQ(goro::async([] { return goro::goid(); }).get(), self);
  });
}

TEST_P(FutureInPlace, GoexitEndsTheFunctionAlone) {
  run([] {
    bool went_on = false;
    goro::wait_group group;
    group.go([&] {
      for (int i = 0; i < 3; ++i) {
        auto nothing = goro::async([] { goro::goexit(); });
        EXPECT_EQ(panic_of([&] { return nothing.get(), 0; }),
                  "goro::future: the function called goexit: there is no result");
      }
      went_on = true;
      goro::goexit();
    });
    group.wait();
    EXPECT_TRUE(went_on);
  });
}

GORO_CHILD(panic_in_a_function_that_get_runs) {
  return goro::run([] {
    try {
      goro::async([] { goro::chan<int>().close(); }).get();
    } catch (...) {
      // not for us: it is the process that has a bug
    }
  });
}

TEST_P(FutureInPlace, APanicEndsTheProcessThoughTheCallerCatchesEverything) {
  const child_result child =
      run_child("panic_in_a_function_that_get_runs", {}, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, testing::StartsWith("panic: close of nil channel\n"));
}

int depth(int n) { return n == 0 ? 0 : goro::async(depth, n - 1).get() + 1; }

// Each call takes a part of a stack, so that only so many share one.
TEST_P(FutureInPlace, CallsThatWaitForEachOtherNeedNoDeepStack) {
  run([] { EXPECT_EQ(depth(scale(5000)), scale(5000)); });
}

TEST_P(FutureInPlace, WhatGetRunsMayBlockAndSpawn) {
  run([] {
    const auto ch = goro::make_chan<int>();
    auto sum = goro::async([ch] {
      goro::go([ch] {
        for (int i = 1; i <= 10; ++i) ch.send(i);
        ch.close();
      });
      int total = 0;
      for (const int i : ch) total += i;
      return total;
    });
    EXPECT_EQ(sum.get(), 55);
  });
}

TEST_P(FutureInPlace, AFunctionIsCalledOnceWhoeverIsFirst) {
  run([] {
    for (int round = 0; round < scale(2000, 200); ++round) {
      int calls = 0;
      std::vector<goro::future<int>> all;
      for (int i = 0; i < 4; ++i) all.push_back(goro::async([i] { return i; }));
      auto counted = goro::async([&] { ++calls; });
      goro::gosched();
      counted.get();
      ASSERT_EQ(calls, 1);
      for (int i = 3; i >= 0; --i) ASSERT_EQ(all[static_cast<std::size_t>(i)].get(), i);
    }
  });
}

TEST_P(FutureInPlace, WhileAnExceptionUnwindsNothingIsRunInPlace) {
  run([] {
    struct joins {
      int& uncaught;
      ~joins() {
        uncaught = goro::async([] { return std::uncaught_exceptions(); }).get();
      }
    };
    int uncaught = -1;
    EXPECT_THROW(
        {
          const joins at_end{uncaught};
          throw std::runtime_error("unwinds");
        },
        std::runtime_error);
    EXPECT_EQ(uncaught, 0);
  });
}

}  // namespace
