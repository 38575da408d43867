// SPDX-License-Identifier: BSL-1.0
// goro::semaphore: first come, first served, and what a context that is done changes.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/go.hpp>
#include <goro/sync/semaphore.hpp>
#include <goro/sync/wait_group.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

using XsyncSemaphore = on_procs;
GORO_ON_PROCS(XsyncSemaphore);

static_assert(!std::is_copy_constructible_v<goro::semaphore> && !std::is_move_constructible_v<goro::semaphore>);

/// Whoever waits for tokens waits in a select, for them or for its context.
[[nodiscard]] bool eventually_queued(std::size_t n) { return eventually_waiting(n, "select"); }

// XS-05
TEST_P(XsyncSemaphore, XS05_NeverMoreTokensAreOutThanThereAre) {
  run([] {
    constexpr std::int64_t n = 4;
    const int turns = scale(2500);
    goro::semaphore sem(n);
    std::atomic<std::int64_t> out{0};
    const auto hammer = [&](std::int64_t weight) {
      for (int i = 0; i < turns; ++i) {
        sem.acquire(weight);
        EXPECT_LE(out += weight, n);
        if (i % 8 == 0) goro::sleep(std::chrono::nanoseconds(100 * (i % 5)));
        out -= weight;
        sem.release(weight);
      }
    };
    goro::wait_group wg;
    for (std::int64_t weight = 0; weight < n; ++weight) wg.go([&, weight] { hammer(weight); });
    wg.wait();
    EXPECT_TRUE(sem.try_acquire(n));
  });
}

// XS-06
TEST_P(XsyncSemaphore, XS06_ReleasingMoreThanIsHeldPanicsAndChangesNothing) {
  run([] {
    goro::semaphore sem(1);
    const auto release = [&] {
      sem.release(1);
      return 0;
    };
    EXPECT_EQ(panic_of(release), "semaphore: released more than held");
    EXPECT_TRUE(sem.try_acquire(1));
    EXPECT_FALSE(sem.try_acquire(1));
    EXPECT_EQ(panic_of(release), "no panic");
    EXPECT_EQ(panic_of(release), "semaphore: released more than held");
  });
}

// XS-06
TEST_P(XsyncSemaphore, XS06_TryAcquireSucceedsWhileThereAreTokens) {
  run([] {
    goro::semaphore sem(2);
    std::vector<bool> tries;
    sem.acquire(1);
    tries.push_back(sem.try_acquire(1));
    tries.push_back(sem.try_acquire(1));
    sem.release(2);
    tries.push_back(sem.try_acquire(1));
    sem.acquire(1);
    tries.push_back(sem.try_acquire(1));
    EXPECT_EQ(tries, (std::vector<bool>{true, false, true, false}));
  });
}

// XS-06
TEST_P(XsyncSemaphore, XS06_AcquireWithATimeoutSucceedsWhileThereAreTokens) {
  run([] {
    goro::semaphore sem(2);
    const auto acquire_in_time = [&] {
      const auto [ctx, cancel] = goro::context::with_timeout(goro::context::background(), 10ms);
      const std::error_code e = sem.acquire(ctx, 1);
      EXPECT_TRUE(!e || e == goro::context_errc::deadline_exceeded) << e.message();
      return !e;
    };
    std::vector<bool> tries;
    sem.acquire(1);
    tries.push_back(acquire_in_time());
    tries.push_back(acquire_in_time());
    sem.release(2);
    tries.push_back(acquire_in_time());
    sem.acquire(1);
    tries.push_back(acquire_in_time());
    EXPECT_EQ(tries, (std::vector<bool>{true, false, true, false}));
  });
}

// XS-07
TEST_P(XsyncSemaphore, XS07_CancelledWaitLosesThoughTokensComeAndTheyStayIntact) {
  run([] {
    const int rounds = scale(1000);
    for (int round = 0; round < rounds; ++round) {
      goro::semaphore sem(2);
      const auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
      sem.acquire(1);
      goro::wait_group wg;
      wg.go([&, cancel = cancel] {
        while (sem.try_acquire(1)) {
          sem.release(1);
          goro::gosched();
        }
        cancel();  // the acquire below is queued now
        sem.release(1);
      });
      EXPECT_EQ(sem.acquire(ctx, 2), goro::context_errc::canceled);
      wg.wait();
      EXPECT_TRUE(sem.try_acquire(2)) << "tokens got lost in round " << round;
    }
  });
}

// XS-07
TEST_P(XsyncSemaphore, XS07_ContextThatIsDoneAlwaysLosesThoughTokensAreFree) {
  run([] {
    goro::semaphore sem(1);
    const auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
    cancel();
    for (int i = 0; i < 100; ++i) ASSERT_EQ(sem.acquire(ctx, 1), goro::context_errc::canceled);
    const auto [late, cancel_late] = goro::context::with_timeout(goro::context::background(), 0s);
    EXPECT_EQ(sem.acquire(late, 1), goro::context_errc::deadline_exceeded);
    EXPECT_TRUE(sem.try_acquire(1));
  });
}

// XS-07, K2
TEST_P(XsyncSemaphore, XS07_CancelledWaitAtTheHeadLetsThoseBehindThrough) {
  run([] {
    goro::semaphore sem(10);
    sem.acquire(1);
    const auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
    goro::wait_group wg;
    wg.go([&, ctx = ctx] { EXPECT_EQ(sem.acquire(ctx, 10), goro::context_errc::canceled); });
    ASSERT_TRUE(eventually_queued(1));
    for (int i = 0; i < 3; ++i) wg.go([&] { sem.acquire(3); });
    ASSERT_TRUE(eventually_queued(4));
    cancel();
    wg.wait();  // though nothing was released
    EXPECT_FALSE(sem.try_acquire(1));
    sem.release(10);
  });
}

// XS-07, K2
TEST_P(XsyncSemaphore, XS07_CancelledWaitInTheMiddleOrAtTheEndLeavesTheOthersQueued) {
  run([] {
    goro::semaphore sem(1);
    sem.acquire();
    const auto order = goro::make_chan<int>(4);
    std::vector<std::pair<goro::context, goro::cancel_func>> contexts;
    for (int i = 0; i < 4; ++i) {
      contexts.push_back(goro::context::with_cancel(goro::context::background()));
      goro::go([&, order, i, ctx = contexts.back().first] {
        const std::error_code e = sem.acquire(ctx);
        order.send(e ? -i : i);
      });
      ASSERT_TRUE(eventually_queued(static_cast<std::size_t>(i) + 1));
    }
    for (const int cancelled : {3, 1}) {
      contexts[static_cast<std::size_t>(cancelled)].second();
      EXPECT_EQ(order.recv(), -cancelled);
    }
    for (const int next : {0, 2}) {
      EXPECT_EQ(order.len(), 0u);
      sem.release();
      EXPECT_EQ(order.recv(), next);
    }
    EXPECT_FALSE(sem.try_acquire());
    sem.release();
    EXPECT_TRUE(sem.try_acquire());
  });
}

// XS-12
TEST_P(XsyncSemaphore, XS12_RequestAboveTheSizePendsWithoutHoldingUpSixSmallOnes) {
  run([] {
    constexpr std::int64_t n = 2;
    goro::semaphore sem(n);
    const auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
    std::atomic<bool> pending{true};
    goro::wait_group too_big;
    too_big.go([&, ctx = ctx] {
      EXPECT_EQ(sem.acquire(ctx, n + 1), goro::context_errc::canceled);
      pending = false;
    });
    ASSERT_TRUE(eventually([] { return count_waiting("chan receive") + count_waiting("select") == 1; }));
    goro::wait_group wg;
    for (int i = 0; i < 3 * n; ++i) {
      wg.go([&] {
        sem.acquire(1);
        goro::sleep(1ms);
        sem.release(1);
      });
    }
    wg.wait();
    EXPECT_TRUE(pending);
    EXPECT_FALSE(sem.try_acquire(n + 1));
    cancel();
    too_big.wait();
    EXPECT_TRUE(sem.try_acquire(n));
  });
}

// K2
TEST_P(XsyncSemaphore, K2_FirstComeFirstServedThoughALaterOneNeedsFewer) {
  run([] {
    goro::semaphore sem(3);
    sem.acquire(2);
    const auto order = goro::make_chan<std::int64_t>(4);
    std::size_t queued = 0;
    for (const std::int64_t n : {3, 1, 2}) {
      goro::go([&, order, n] {
        sem.acquire(n);
        order.send(n);
      });
      ASSERT_TRUE(eventually_queued(++queued));
    }
    EXPECT_FALSE(sem.try_acquire(1)) << "a token is free, but others wait for it";
    EXPECT_EQ(order.len(), 0u);
    sem.release(2);
    EXPECT_EQ(order.recv(), 3);
    EXPECT_EQ(order.len(), 0u);
    sem.release(3);
    EXPECT_EQ(order.recv().value() + order.recv().value(), 1 + 2);  // both fit at the same time
    EXPECT_FALSE(sem.try_acquire(1));
    sem.release(3);
  });
}

// K2
TEST_P(XsyncSemaphore, K2_BigRequestIsNotStarvedByAStreamOfSmallOnes) {
  run([] {
    constexpr std::int64_t n = 4;
    goro::semaphore sem(n);
    std::atomic<bool> running{true};
    goro::wait_group wg;
    sem.acquire(n);
    for (int i = 0; i < n; ++i) {
      wg.go([&] {
        while (running) {
          goro::sleep(100us);
          sem.release(1);
          sem.acquire(1);
        }
        sem.release(1);
      });
    }
    sem.acquire(n);
    running = false;
    sem.release(n);
    wg.wait();
    EXPECT_TRUE(sem.try_acquire(n));
  });
}

// K2, HB21
TEST_P(XsyncSemaphore, K2_ThreadsAndGoroutinesExcludeEachOther) {
  run([] {
    const int turns = scale(2000);
    goro::semaphore sem(1);
    int count = 0;  // not atomic: release() happens before the acquire() that it lets through
    const auto hammer = [&] {
      for (int i = 0; i < turns; ++i) {
        sem.acquire();
        const int before = count;
        if (i % 20 == 0) let_others_run();
        count = before + 1;
        sem.release();
      }
    };
    goro::wait_group wg;
    for (int i = 0; i < 2; ++i) wg.go(hammer);
    std::thread thread_1(hammer);
    std::thread thread_2(hammer);
    wg.wait();
    goro::blocking([&] {
      thread_1.join();
      thread_2.join();
    });
    EXPECT_EQ(count, 4 * turns);
  });
}

}  // namespace
