// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <atomic>
#include <chrono>
#include <vector>

#include <goro/chan.hpp>
#include <goro/debug.hpp>
#include <goro/go.hpp>
#include <goro/sync/wait_group.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

struct Fairness : leak_checked {};

constexpr std::uint64_t rounds = 20;

TEST_F(Fairness, MoreGoroutinesThanARunQueueHoldsYieldToEachOtherEvenly) {
  goro::run({.max_procs = 1}, [] {
    constexpr int yields = 200;
    std::vector<std::atomic<int>> done(1000);
    goro::wait_group all;
    std::atomic<int> least{yields};
    for (std::atomic<int>& mine : done)
      all.go([&] {
        while (mine < yields) {
          goro::gosched();
          ++mine;
        }
        for (const std::atomic<int>& of_one : done) least = std::min<int>(least, of_one);
      });
    all.wait();
    EXPECT_GT(least, yields / 2) << "yields of the one that was furthest behind when the first was done";
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

TEST_F(Fairness, AnIdleProcessorRunsWhomAComputingGoroutineHasWokenLongBeforeItsTimeSliceIsOver) {
  goro::run({.max_procs = 2}, [&] {
    const auto there = goro::make_chan<int>();
    const auto back = goro::make_chan<int>();
    std::atomic<std::uint64_t> run{0};
    goro::wait_group echo;
    echo.go([&] {
      for (const int i : there) {
        if (i == 0) {
          ++run;
        } else {
          back.send(i);
        }
      }
    });
    std::uint64_t waited_for_its_processor = 0;
    for (std::uint64_t round = 1; round <= rounds; ++round) {
      // Meanwhile the other processor learns that there is nothing for it in who is woken.
      for (int i = 1; i < 6'000; ++i) {
        there.send(i);
        back.recv();
      }
      const std::uint64_t before = goro::debug::stats().takeaways;
      there.send(0);
      while (run != round) {
      }
      if (goro::debug::stats().takeaways != before) ++waited_for_its_processor;
    }
    there.close();
    echo.wait();
    EXPECT_LT(waited_for_its_processor, rounds / 2);
  });
}

/// In how many of the rounds f(round) went on only when a goroutine that computes had lost its processor. Before each
/// the processor is busy for short times, so that it expects to be through soon and sends for no help (busy_period.hpp).
template <class F>
std::uint64_t rounds_that_waited_for_a_processor(F f) {
  std::uint64_t waited = 0;
  for (std::uint64_t round = 1; round <= rounds; ++round) {
    for (int i = 0; i < 100; ++i) goro::sleep(20us);
    const std::uint64_t before = goro::debug::stats().takeaways;
    f(round);
    if (goro::debug::stats().takeaways != before) ++waited;
  }
  return waited;
}

TEST_F(Fairness, AnIdleProcessorRunsThoseWhoAreQueuedBehindOneThatComputesForLongerThanItUsedTo) {
  goro::run({.max_procs = 2}, [] {
    const auto work = goro::make_chan<int>();
    std::atomic<std::uint64_t> done{0};
    goro::wait_group workers;
    for (int i = 0; i < 3; ++i)
      workers.go([&] {
        for ([[maybe_unused]] const int piece : work) ++done;
      });
    const std::uint64_t waited = rounds_that_waited_for_a_processor([&](std::uint64_t round) {
      for (int i = 0; i < 3; ++i) work.send(i);
      while (done != 3 * round) {
      }
    });
    EXPECT_LT(waited, rounds / 2);
    work.close();
    workers.wait();
  });
}

TEST_F(Fairness, ATimerIsNotLateBesideOneThatComputesForLongerThanItUsedTo) {
  goro::run({.max_procs = 2}, [] {
    std::atomic<std::uint64_t> fired{0};
    const std::uint64_t waited = rounds_that_waited_for_a_processor([&](std::uint64_t round) {
      const auto timer = goro::after_func(3ms, [&] { ++fired; });
      goro::sleep(20us);
      while (fired != round) {
      }
    });
    EXPECT_LT(waited, rounds / 2);
  });
}

TEST_F(Fairness, ATimerThatIsFarAwayWhenItIsSetIsNotLateBesideOneThatComputes) {
  goro::run({.max_procs = 2}, [] {
    bool in_time = false;
    for (std::uint64_t round = 0; round < 5 * rounds && !in_time; ++round) {  // a loaded machine may be late
      const auto begin = goro::clock::now();
      while (goro::clock::now() - begin < 2ms) {  // until the other processor sleeps
      }
      std::atomic<bool> fired{false};
      const std::uint64_t before = goro::debug::stats().takeaways;
      const auto timer = goro::after_func(30ms, [&] { fired = true; });
      while (!fired) {
      }
      in_time = goro::debug::stats().takeaways == before;
    }
    EXPECT_TRUE(in_time) << "it fired only when the one that computes had lost its processor";
  });
}

}  // namespace
