// SPDX-License-Identifier: BSL-1.0
// How tasks and pools of goro::worker_pool end early: timeouts, contexts, shutdown, stop_now, functions that pay no heed.
#include <goro/worker_pool.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>
#include <goro/sync/wait_group.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"
#include "worker_pools.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;
using goro::context_errc;
using goro::worker_pool;

struct WorkerPoolEnd : on_procs {};
GORO_ON_PROCS(WorkerPoolEnd);

void wait_for_end(const context& ctx) { static_cast<void>(ctx.done().recv()); }

// Timeouts.

TEST_P(WorkerPoolEnd, ATaskThatTakesTooLongIsCancelled) {
  run([] {
    worker_pool pool(1);
    auto late = pool.submit({.timeout = 1ms}, wait_for_end);
    EXPECT_EQ(code_of([&] { late.get(); }), context_errc::deadline_exceeded);
    EXPECT_EQ(pool.submit({.timeout = 20s}, [] { return 1; }).get(), 1);
    pool.shutdown();
    expect_account(pool.stats(), {.done = 1, .cancelled = 1});
  });
}

TEST_P(WorkerPoolEnd, SaysWhatATaskWasCancelledFor) {
  run([] {
    worker_pool pool(1);
    auto late = pool.submit({.timeout = 1ms}, wait_for_end);
    EXPECT_EQ(what_of(late), "goro::worker_pool: the task was cancelled: context deadline exceeded");
    auto stopped = pool.submit(wait_for_end);
    pool.stop_now();
    EXPECT_EQ(what_of(stopped), "goro::worker_pool: the task was cancelled: context canceled");
  });
}

TEST_P(WorkerPoolEnd, ThePoolsTimeoutIsForTasksWithoutTheirOwn) {
  run([] {
    worker_pool pool(1, {.timeout = 1ms});
    auto late = pool.submit(wait_for_end);
    EXPECT_EQ(code_of([&] { late.get(); }), context_errc::deadline_exceeded);
    auto longer = pool.submit({.timeout = 20s * slowdown()}, [](const context& ctx) {
      goro::sleep(5ms);
      return ctx.err();
    });
    EXPECT_EQ(longer.get(), std::error_code());
  });
}

TEST_P(WorkerPoolEnd, ATimeoutDoesNotCountTheTimeInTheQueue) {
  run([] {
    worker_pool pool(1);
    gate gate;
    auto first = pool.submit([&] { gate.wait(); });
    auto second = pool.submit({.timeout = 10s * slowdown()}, [](const context& ctx) { return *ctx.deadline(); });
    goro::sleep(5ms);
    const auto before = goro::clock::now();
    gate.open();
    EXPECT_GE(second.get(), before + 10s * slowdown());
  });
}

// One worker, and a function that never looks at its context: the queue goes on, and so does the one who waits for it.
TEST_P(WorkerPoolEnd, AFunctionThatPaysNoHeedHoldsUpNobody) {
  run([] {
    worker_pool pool(1);
    gate gate;
    auto stubborn = pool.submit({.timeout = 1ms}, [&] {
      gate.wait();
      return 1;
    });
    auto next = pool.submit([] { return 2; });
    EXPECT_EQ(next.get(), 2);
    EXPECT_EQ(code_of([&] { return stubborn.get(); }), context_errc::deadline_exceeded);
    const auto s = pool.stats();
    EXPECT_EQ(s.overdue, 1u);
    EXPECT_EQ(s.workers, 1);
    EXPECT_EQ(s.running, 0u);
    gate.open();
    pool.shutdown();
    EXPECT_EQ(pool.stats().overdue, 0u);
    expect_account(pool.stats(), {.done = 1, .cancelled = 1});
  });
}

TEST_P(WorkerPoolEnd, AFunctionThatEndsTooLateByGoexitIsCountedOnce) {
  run([] {
    worker_pool pool(1);
    gate gate;
    auto stubborn = pool.submit({.timeout = 1ms}, [&] {
      gate.wait();
      goro::goexit();
    });
    EXPECT_EQ(code_of([&] { stubborn.get(); }), context_errc::deadline_exceeded);
    gate.open();
    EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
    pool.shutdown();
    expect_account(pool.stats(), {.done = 1, .cancelled = 1});
  });
}

TEST_P(WorkerPoolEnd, WhatATaskThrowsBecauseItsContextIsDoneCountsAsCancelled) {
  run([] {
    worker_pool pool(1);
    for (int i = 0; i < 20; ++i) {
      auto late = pool.submit({.timeout = 100us}, [](const context& ctx) {
        wait_for_end(ctx);
        throw std::runtime_error("given up");
      });
      EXPECT_EQ(code_of([&] { late.get(); }), context_errc::deadline_exceeded);
    }
    pool.shutdown();
    expect_account(pool.stats(), {.cancelled = 20});
  });
}

// Shutdown.

TEST_P(WorkerPoolEnd, ShutdownDrains) {
  run([] {
    worker_pool pool(2, {.queue = 100});
    std::atomic<int> ran{0};
    for (int i = 0; i < 50; ++i)
      static_cast<void>(pool.submit([&] {
        goro::gosched();
        ++ran;
      }));
    pool.shutdown();
    EXPECT_EQ(ran, 50);
    expect_account(pool.stats(), {.done = 50});
    EXPECT_EQ(pool.stats().workers, 0);
    pool.shutdown();
  });
}

TEST_P(WorkerPoolEnd, SoDoesTheDestructor) {
  run([] {
    std::atomic<int> ran{0};
    {
      worker_pool pool({.max = 2}, {.queue = 100});
      for (int i = 0; i < 50; ++i) static_cast<void>(pool.submit([&] { ++ran; }));
    }
    EXPECT_EQ(ran, 50);
  });
}

TEST_P(WorkerPoolEnd, WhatComesAfterShutdownIsRefused) {
  run([] {
    worker_pool pool(1);
    pool.shutdown();
    EXPECT_THROW(static_cast<void>(pool.submit([] {})), goro::worker_pool_closed);
    EXPECT_THROW(static_cast<void>(pool.submit(context::background(), [] {})), goro::worker_pool_closed);
    EXPECT_FALSE(pool.try_submit([] {}));
    expect_account(pool.stats(), {.refused = 3});
  });
}

TEST_P(WorkerPoolEnd, WhoWaitsForRoomAtShutdownIsRefused) {
  run([] {
    worker_pool pool(1, {.queue = 1});
    gate gate;
    auto running = pool.submit([&] { gate.wait(); });
    gate.wait_for_visitors(1);
    auto queued = pool.submit([] {});
    goro::wait_group waiting;
    for (int i = 0; i < 3; ++i)
      waiting.go([&] { EXPECT_THROW(static_cast<void>(pool.submit([] {})), goro::worker_pool_closed); });
    EXPECT_TRUE(eventually_waiting(3, "sync.Cond.Wait"));
    goro::wait_group ending;
    ending.go([&] { pool.shutdown(); });
    waiting.wait();
    gate.open();
    ending.wait();
    expect_account(pool.stats(), {.done = 2, .refused = 3});
  });
}

TEST_P(WorkerPoolEnd, ShutdownMayBeGivenATime) {
  run([] {
    worker_pool pool(1);
    gate gate;
    auto running = pool.submit([&] { gate.wait(); });
    auto [ctx, cancel] = context::with_timeout(context::background(), 1ms);
    EXPECT_EQ(pool.shutdown(ctx), context_errc::deadline_exceeded);
    gate.open();
    EXPECT_EQ(pool.shutdown(context::background()), std::error_code());
    running.get();
    expect_account(pool.stats(), {.done = 1});
  });
}

// Stopping.

TEST_P(WorkerPoolEnd, StopNowCancelsWhatRunsAndWhatWaits) {
  run([] {
    worker_pool pool(1, {.queue = 10});
    const auto shared = std::make_shared<int>();
    std::atomic<bool> called{false};
    auto running = pool.submit([shared](const context& ctx) { wait_for_end(ctx); });
    std::vector<goro::future<void>> queued;
    for (int i = 0; i < 5; ++i) queued.push_back(pool.submit([shared, &called] { called = true; }));
    EXPECT_TRUE(eventually([&] { return pool.stats().running == 1; }));
    pool.stop_now();
    EXPECT_EQ(code_of([&] { running.get(); }), context_errc::canceled);
    for (auto& f : queued) EXPECT_EQ(code_of([&] { f.get(); }), context_errc::canceled);
    EXPECT_FALSE(called);
    EXPECT_EQ(shared.use_count(), 1);
    expect_account(pool.stats(), {.cancelled = 6});
    EXPECT_THROW(static_cast<void>(pool.submit([] {})), goro::worker_pool_closed);
  });
}

TEST_P(WorkerPoolEnd, StopNowWaitsForFunctionsThatRun) {
  run([] {
    worker_pool pool(1);
    std::atomic<bool> ended{false};
    auto running = pool.submit([&](const context& ctx) {
      wait_for_end(ctx);
      goro::sleep(2ms);
      ended = true;
    });
    EXPECT_TRUE(eventually([&] { return pool.stats().running == 1; }));
    pool.stop_now();
    EXPECT_TRUE(ended);
  });
}

TEST_P(WorkerPoolEnd, StopNowMayGiveUpOnAFunctionThatNeverEnds) {
  run([] {
    const auto forever = goro::make_chan<void>();
    std::atomic<int> logged{0};
    std::atomic<bool> gone{false};
    goro::future<void> stubborn;
    {
      worker_pool pool(1, {.log = [&](const goro::worker_pool_event&) {
                         EXPECT_FALSE(gone);
                         ++logged;
                       }});
      stubborn = pool.submit([forever] { static_cast<void>(forever.recv()); });
      EXPECT_TRUE(eventually([&] { return pool.stats().running == 1; }));
      auto [ctx, cancel] = context::with_timeout(context::background(), 1ms);
      EXPECT_EQ(pool.stop_now(ctx), context_errc::deadline_exceeded);
      EXPECT_EQ(pool.stats().overdue, 1u);
      expect_account(pool.stats(), {.cancelled = 1});
    }
    gone = true;
    EXPECT_EQ(code_of([&] { stubborn.get(); }), context_errc::canceled);
    EXPECT_EQ(logged, 2);
    forever.close();  // so that it ends after all
  });
}

TEST_P(WorkerPoolEnd, ShutdownCanBeCutShort) {
  run([] {
    worker_pool pool(1);
    auto running = pool.submit(wait_for_end);
    auto queued = pool.submit([] {});
    goro::wait_group ending;
    ending.go([&] { pool.shutdown(); });
    EXPECT_TRUE(eventually([&] { return pool.stats().running == 1; }));
    pool.stop_now();
    ending.wait();
    EXPECT_EQ(code_of([&] { running.get(); }), context_errc::canceled);
    EXPECT_EQ(code_of([&] { queued.get(); }), context_errc::canceled);
  });
}

// The pool's context.

TEST_P(WorkerPoolEnd, TheEndOfItsContextCancelsEverything) {
  run([] {
    auto [ctx, cancel] = context::with_cancel(context::background());
    worker_pool pool(1, {.ctx = ctx});
    auto running = pool.submit(wait_for_end);
    auto queued = pool.submit([] {});
    cancel();
    EXPECT_EQ(code_of([&] { running.get(); }), context_errc::canceled);
    EXPECT_EQ(code_of([&] { queued.get(); }), context_errc::canceled);
    EXPECT_THROW(static_cast<void>(pool.submit([] {})), goro::worker_pool_closed);
    pool.shutdown();
    expect_account(pool.stats(), {.cancelled = 2, .refused = 1});
  });
}

TEST_P(WorkerPoolEnd, APoolMayBeginWithAContextThatIsDone) {
  run([] {
    auto [ctx, cancel] = context::with_cancel(context::background());
    cancel();
    worker_pool pool(1, {.ctx = ctx});
    std::optional<goro::future<void>> result = pool.try_submit([] {});
    if (result) {
      EXPECT_EQ(code_of([&] { result->get(); }), context_errc::canceled);
    }
    EXPECT_TRUE(eventually([&] { return !pool.try_submit([] {}); }));
    EXPECT_EQ(pool.stats().done, 0u);
  });
}

TEST_P(WorkerPoolEnd, ItLeavesNothingInALongLivedContext) {
  run([] {
    auto [ctx, cancel] = context::with_cancel(context::background());
    const auto before = goro::debug::stats();
    for (int i = 0; i < 50; ++i) {
      worker_pool pool({.min = 1, .max = 3, .idle_timeout = 1h}, {.ctx = ctx});
      for (int n = 0; n < 5; ++n) pool.submit({.timeout = 1h}, [] {}).get();
    }
    EXPECT_TRUE(eventually([&] { return goro::debug::stats().timers == before.timers; }));
    EXPECT_TRUE(eventually([&] { return goro::debug::stats().goroutines == before.goroutines; }));
  });
}

TEST_P(WorkerPoolEnd, ATaskEndsByItsOwnEndOrByItsContextNeverByBoth) {
  run([] {
    for (int round = 0; round < scale(2000, 100); ++round) {
      worker_pool pool(2, {.queue = 8});
      std::vector<goro::future<int>> all;
      for (int i = 0; i < 6; ++i)
        all.push_back(pool.submit({.timeout = std::chrono::microseconds(20 * i + 1)}, [](const context&) {
          goro::gosched();
          return 1;
        }));
      if (round % 2 == 0) goro::gosched();
      pool.stop_now();
      std::uint64_t returned = 0;
      for (auto& f : all) static_cast<void>(code_of([&] { returned += static_cast<std::uint64_t>(f.get()); }));
      const auto s = pool.stats();
      ASSERT_EQ(s.done, returned);
      ASSERT_EQ(s.cancelled, all.size() - returned);
    }
  });
}

}  // namespace
