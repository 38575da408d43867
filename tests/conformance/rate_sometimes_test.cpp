// SPDX-License-Identifier: BSL-1.0
#include "rate_limits.hpp"

#include <goro/goro.hpp>

#include <stdexcept>

#include "goro_test.hpp"

namespace {

struct RateSometimes : on_procs {};
GORO_ON_PROCS(RateSometimes);

using numbers = std::vector<int>;

/// Which of the calls 1, 2, ... at these times run.
numbers which_run(const goro::sometimes_options& options, const std::vector<int>& times) {
  goro::sometimes some(options);
  numbers ran;
  int call = 0;
  for (const int t : times) {
    ++call;
    some.call(at(t), [&] { ran.push_back(call); });
  }
  return ran;
}

TEST(RateSometimesTable, RT11_WithoutOptionsItRunsOnce) {
  EXPECT_EQ(which_run({}, {0, 0, 100}), (numbers{1}));
  goro::sometimes once;
  int runs = 0;
  for (int i = 0; i < 3; ++i) once.call([&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

TEST(RateSometimesTable, RT11_TheFirstSoMany) { EXPECT_EQ(which_run({.first = 2}, {0, 0, 0}), (numbers{1, 2})); }

TEST(RateSometimesTable, RT11_EverySoManyth) {
  EXPECT_EQ(which_run({.every = 2}, {0, 0, 0, 0, 0}), (numbers{1, 3, 5}));
}

TEST(RateSometimesTable, RT11_OnceAnInterval) {
  EXPECT_EQ(which_run({.interval = 1s}, {0, 0, 10}), (numbers{1, 3}));
  EXPECT_EQ(which_run({.interval = 1s}, {0, 9, 10, 19, 20}), (numbers{1, 3, 5}));
}

TEST(RateSometimesTable, RT11_OptionsAreOred) {
  EXPECT_EQ(which_run({.first = 2, .every = 2, .interval = 2s}, {0, 0, 0, 20, 20, 20}), (numbers{1, 2, 3, 4, 5}));
}

TEST(RateSometimesTable, RT11_ZeroNegativeAndTheLongestInterval) {
  EXPECT_EQ(which_run({.interval = 0ns}, {0, 0}), (numbers{1}));
  EXPECT_EQ(which_run({.interval = -1ns}, {0, 0}), (numbers{1}));
  EXPECT_EQ(which_run({.interval = std::chrono::nanoseconds::max()}, {0, 0, 1000}), (numbers{1}));
  EXPECT_EQ(which_run({.first = -1, .every = -1}, {0, 0}), (numbers{1}));
}

TEST_P(RateSometimes, RT11_OnceAnIntervalByTheClock) {
  run([] {
    goro::sometimes some{{.interval = 1ms}};
    goro::sometimes hardly{{.interval = 1000h}};
    int runs = 0, hardly_runs = 0;
    for (int i = 0; i < 3; ++i) {
      some.call([&] { ++runs; });
      hardly.call([&] { ++hardly_runs; });
      goro::sleep(1ms);
    }
    EXPECT_EQ(runs, 3);
    EXPECT_EQ(hardly_runs, 1);
  });
}

// K5
TEST_P(RateSometimes, K5_CallsFromEverywhereRunOneAtATime) {
  run([] {
    goro::sometimes some{{.every = 3}};
    int runs = 0;  // not atomic
    goro::wait_group wg;
    for (int g = 0; g < 10; ++g) {
      wg.go([&] {
        for (int i = 0; i < 30; ++i) some.call([&] { ++runs; });
      });
    }
    wg.wait();
    EXPECT_EQ(runs, 100);
  });
}

// K5
TEST(RateSometimesTable, K5_ACallThatThrowsDoesNotCount) {
  goro::sometimes once;
  EXPECT_THROW(once.call([] { throw std::runtime_error("no"); }), std::runtime_error);
  int runs = 0;
  once.call([&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

}  // namespace
