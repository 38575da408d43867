// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <atomic>
#include <vector>

#include <goro/go.hpp>
#include <goro/sync/wait_group.hpp>

#include "goro_test.hpp"

namespace {

struct Fairness : leak_checked {};

TEST_F(Fairness, MoreGoroutinesThanARunQueueHoldsYieldToEachOtherEvenly) {
  constexpr int rounds = 200;
  goro::run({.max_procs = 1}, [] {
    std::vector<std::atomic<int>> done(1000);
    goro::wait_group all;
    std::atomic<int> least{rounds};
    for (std::atomic<int>& mine : done)
      all.go([&] {
        while (mine < rounds) {
          goro::gosched();
          ++mine;
        }
        for (const std::atomic<int>& of_one : done) least = std::min<int>(least, of_one);
      });
    all.wait();
    EXPECT_GT(least, rounds / 2) << "rounds of the one that was furthest behind when the first was done";
  });
}

TEST_F(Fairness, OneThatWaitsInALongQueueIsReachedThoughNewOnesKeepComing) {
  goro::run({.max_procs = 1}, [] {
    std::atomic<bool> reached{false};
    std::atomic<long> begun{0};
    goro::wait_group all;
    all.go([&] { reached = true; });
    // Each makes two more as it ends, so that the queue grows and the newest always come first.
    const auto breed = [&](const auto& self) -> void {
      ++begun;
      if (reached || begun > 1'000'000) return;
      for (int i = 0; i < 2; ++i) all.go([&] { self(self); });
    };
    for (int i = 0; i < 1000; ++i) all.go([&] { breed(breed); });
    all.wait();
    EXPECT_TRUE(reached);
    EXPECT_LT(begun, 100'000);
  });
}

}  // namespace
