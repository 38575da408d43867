// SPDX-License-Identifier: BSL-1.0
// goro::worker_pool while it works: results, priorities, back-pressure, workers that come and go, and the account.
#include <goro/worker_pool.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>
#include <goro/sync/mutex.hpp>
#include <goro/sync/wait_group.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"
#include "worker_pools.hpp"

namespace {

using namespace std::chrono_literals;
using goro::worker_pool;

struct WorkerPoolOfThreads : leak_checked {};
struct WorkerPool : on_procs {};
GORO_ON_PROCS(WorkerPool);

TEST_P(WorkerPool, ReturnsWhatTasksReturnAndThrow) {
  run([] {
    worker_pool pool(2);
    goro::future<int> number = pool.submit([] { return 42; });
    goro::future<std::unique_ptr<std::string>> moved = pool.submit([] { return std::make_unique<std::string>("x"); });
    goro::future<void> nothing = pool.submit([] {});
    goro::future<int> failure = pool.submit([]() -> int { throw std::runtime_error("no number"); });
    EXPECT_EQ(number.get(), 42);
    EXPECT_EQ(*moved.get(), "x");
    nothing.get();
    EXPECT_EQ(what_of(failure), "no number");
    const auto stats = pool.stats();
    EXPECT_EQ(stats.submitted, 4u);
    EXPECT_EQ(stats.done, 3u);
    EXPECT_EQ(stats.failed, 1u);
  });
}

TEST_P(WorkerPool, TakesTasksThatCanOnlyBeMoved) {
  run([] {
    worker_pool pool(1);
    auto owned = std::make_unique<int>(7);
    EXPECT_EQ(pool.submit([owned = std::move(owned)] { return *owned; }).get(), 7);
    const auto kept = [] { return 8; };
    EXPECT_EQ(pool.submit(kept).get(), 8);
  });
}

TEST_P(WorkerPool, DestroysTheFunctionBeforeItsResultIsHad) {
  run([] {
    worker_pool pool(1);
    const auto shared = std::make_shared<int>(1);
    pool.submit([shared] {}).get();
    EXPECT_EQ(shared.use_count(), 1);
  });
}

TEST_P(WorkerPool, GivesATaskTheContextOfThePool) {
  run([] {
    static const goro::context_key<std::string> user("user");
    worker_pool pool(1, {.ctx = goro::context::with_value(goro::context::background(), user, "gopher")});
    EXPECT_EQ(pool.submit([](const goro::context& ctx) { return *ctx.value(user); }).get(), "gopher");
  });
}

TEST_P(WorkerPool, RunsAsManyTasksAtATimeAsThereAreWorkers) {
  run([] {
    worker_pool pool(3);
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    std::vector<goro::future<void>> all;
    for (int i = 0; i < 60; ++i)
      all.push_back(pool.submit([&] {
        const int n = ++now;
        for (int seen = most; seen < n && !most.compare_exchange_weak(seen, n);) {
        }
        goro::sleep(100us);
        --now;
      }));
    for (auto& f : all) f.get();
    EXPECT_EQ(most, 3);
    EXPECT_EQ(pool.stats().workers, 3);
  });
}

TEST_P(WorkerPool, CanBeUsedFromThreads) {
  run([] {
    worker_pool pool(2);
    std::atomic<int> sum{0};
    goro::blocking([&] {
      std::vector<std::jthread> threads;
      for (int t = 0; t < 3; ++t)
        threads.emplace_back([&] {
          for (int i = 1; i <= 100; ++i) sum += pool.submit([i] { return i; }).get();
        });
    });
    EXPECT_EQ(sum, 3 * 5050);
  });
}

TEST_F(WorkerPoolOfThreads, NeedsNoRun) {
  worker_pool pool(2);
  EXPECT_EQ(pool.submit([] { return goro::goid() != 0; }).get(), true);
}

TEST_P(WorkerPool, AResultCanBeSelected) {
  run([] {
    worker_pool pool(1);
    const auto future = pool.submit([] { return 1; });
    EXPECT_EQ(goro::select(goro::recv(future.done()), goro::recv(goro::after(20s))), 0u);
  });
}

TEST_P(WorkerPool, ATaskMaySubmitToItsOwnPoolThoughTheQueueIsFull) {
  run([] {
    worker_pool pool(1, {.queue = 1});
    std::atomic<int> ran{0};
    pool.submit([&] {
          for (int i = 0; i < 10; ++i) static_cast<void>(pool.submit([&] { ++ran; }));
          EXPECT_FALSE(pool.try_submit([&] { ++ran; }));
        })
        .get();
    pool.shutdown();
    EXPECT_EQ(ran, 10);
    expect_account(pool.stats(), {.done = 11, .refused = 1});
  });
}

// Priorities.

TEST_P(WorkerPool, TakesHigherPrioritiesFirstAndEqualOnesInOrder) {
  run([] {
    worker_pool pool(1);
    gate gate;
    auto first = pool.submit([&] { gate.wait(); });
    gate.wait_for_visitors(1);
    std::vector<std::pair<int, int>> order;
    std::mt19937 random(1);
    std::array<int, 5> submitted{};
    for (int i = 0; i < 200; ++i) {
      const int priority = static_cast<int>(random() % 5) - 2;
      const int n = submitted[static_cast<std::size_t>(priority + 2)]++;
      static_cast<void>(
          pool.submit({.priority = priority}, [&order, priority, n] { order.emplace_back(-priority, n); }));
    }
    gate.open();
    pool.shutdown();
    ASSERT_EQ(order.size(), 200u);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
  });
}

// However many important ones come.
TEST_P(WorkerPool, OvertakesATaskNoMoreThanAgingTimesTheDifference) {
  run([] {
    worker_pool pool(1, {.aging = 10});
    gate gate;
    auto first = pool.submit([&] { gate.wait(); });
    gate.wait_for_visitors(1);
    std::vector<int> order;
    static_cast<void>(pool.submit([&] { order.push_back(-1); }));
    for (int i = 0; i < 100; ++i) static_cast<void>(pool.submit({.priority = 2}, [&order, i] { order.push_back(i); }));
    gate.open();
    pool.shutdown();
    ASSERT_EQ(order.size(), 101u);
    EXPECT_EQ(std::find(order.begin(), order.end(), -1) - order.begin(), 19);
  });
}

TEST_P(WorkerPool, ServesTheLowestPriorityWhileHigherOnesNeverEnd) {
  run([] {
    worker_pool pool(1, {.queue = 4, .aging = 50});
    std::atomic<bool> served{false};
    goro::wait_group senders;
    for (int s = 0; s < 3; ++s)
      senders.go([&] {
        while (!served) static_cast<void>(pool.submit({.priority = 3}, [] { goro::gosched(); }));
      });
    pool.submit({.priority = -3}, [&] { served = true; }).get();
    senders.wait();
  });
}

// Back-pressure.

TEST_P(WorkerPool, RefusesATryWhenTheQueueIsFull) {
  run([] {
    worker_pool pool(1, {.queue = 2});
    gate gate;
    auto running = pool.submit([&] { gate.wait(); });
    gate.wait_for_visitors(1);
    auto second = pool.try_submit([] {});
    auto third = pool.try_submit([] {});
    EXPECT_TRUE(second && third);
    EXPECT_FALSE(pool.try_submit([] {}));
    EXPECT_EQ(pool.stats().queued, 2u);
    gate.open();
    pool.shutdown();
    expect_account(pool.stats(), {.done = 3, .refused = 1});
  });
}

TEST_P(WorkerPool, SubmitWaitsForRoom) {
  run([] {
    worker_pool pool(1, {.queue = 1});
    gate gate;
    auto running = pool.submit([&] { gate.wait(); });
    gate.wait_for_visitors(1);
    auto queued = pool.submit([] {});
    std::atomic<bool> submitted{false};
    goro::wait_group group;
    group.go([&] {
      static_cast<void>(pool.submit([] {}));
      submitted = true;
    });
    EXPECT_TRUE(eventually_waiting(1, "sync.Cond.Wait"));
    EXPECT_FALSE(submitted);
    gate.open();
    group.wait();
    pool.shutdown();
    expect_account(pool.stats(), {.done = 3});
  });
}

TEST_P(WorkerPool, SubmitGivesUpWhenItsContextIsDone) {
  run([] {
    worker_pool pool(1, {.queue = 1});
    gate gate;
    auto running = pool.submit([&] { gate.wait(); });
    gate.wait_for_visitors(1);
    auto queued = pool.submit([] {});
    auto [ctx, cancel] = goro::context::with_timeout(goro::context::background(), 1ms);
    const auto submit = [&, &ctx = ctx] { static_cast<void>(pool.submit(ctx, [] {})); };
    EXPECT_EQ(code_of(submit), goro::context_errc::deadline_exceeded);
    gate.open();
    queued.get();
    EXPECT_EQ(code_of(submit), goro::context_errc::deadline_exceeded) << "a context that is done loses, room or not";
    pool.shutdown();
    expect_account(pool.stats(), {.done = 2, .refused = 2});
  });
}

// Who gives up passes the room on.
TEST_P(WorkerPool, NobodyWaitsForRoomThatIsThere) {
  run([] {
    worker_pool pool(1, {.queue = 1});
    std::atomic<int> taken{0};
    goro::wait_group group;
    for (int g = 0; g < 8; ++g)
      group.go([&, g] {
        for (int i = 0; i < 50; ++i) {
          auto [ctx, cancel] =
              goro::context::with_timeout(goro::context::background(), g % 2 == 0 ? 20us : 20s * slowdown());
          try {
            static_cast<void>(pool.submit(ctx, [] { goro::gosched(); }));
            ++taken;
          } catch (const std::system_error&) {
            EXPECT_EQ(g % 2, 0);
          }
        }
      });
    group.wait();
    pool.shutdown();
    EXPECT_EQ(pool.stats().done, static_cast<std::uint64_t>(taken));
    EXPECT_GE(taken, 200);
  });
}

// Workers that come and go.

TEST_P(WorkerPool, GrowsUnderLoadAndShrinksWhenIdle) {
  run([] {
    worker_pool pool({.min = 1, .max = 4, .idle_timeout = 2ms});
    EXPECT_EQ(pool.stats().workers, 1);
    gate gate;
    std::vector<goro::future<void>> all;
    for (int i = 0; i < 8; ++i) all.push_back(pool.submit([&] { gate.wait(); }));
    gate.wait_for_visitors(4);
    EXPECT_EQ(pool.stats().workers, 4);
    EXPECT_EQ(pool.stats().queued, 4u);
    gate.open();
    for (auto& f : all) f.get();
    EXPECT_TRUE(eventually([&] { return pool.stats().workers == 1; }));
    EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
  });
}

TEST_P(WorkerPool, CanDoWithoutAnyWorkerWhileThereIsNothingToDo) {
  run([] {
    worker_pool pool({.max = 2, .idle_timeout = 1ms});
    EXPECT_EQ(pool.stats().workers, 0);
    for (int round = 0; round < 3; ++round) {
      EXPECT_EQ(pool.submit([round] { return round; }).get(), round);
      EXPECT_TRUE(eventually([&] { return pool.stats().workers == 0; }));
    }
  });
}

TEST_P(WorkerPool, KeepsWorkersThatAreNeededAgainAndAgain) {
  run([] {
    std::atomic<int> started{0};
    worker_pool pool({.max = 1, .idle_timeout = 10s}, {.log = [&](const goro::worker_pool_event& e) {
                       started += e.what == goro::worker_pool_event::kind::worker_started;
                     }});
    for (int i = 0; i < 50; ++i) pool.submit([] {}).get();
    EXPECT_EQ(started, 1);
  });
}

TEST_P(WorkerPool, ReplacesAWorkerThatATaskHasEnded) {
  run([] {
    worker_pool pool(1);
    auto gone = pool.submit([] { goro::goexit(); });
    EXPECT_EQ(panic_of([&] { return gone.get(), 0; }), "goro::future: the function called goexit: there is no result");
    EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
    pool.shutdown();
    expect_account(pool.stats(), {.done = 1, .failed = 1});
  });
}

// The account and the log.

TEST_P(WorkerPool, AtEachInstantTheAccountIsRight) {
  run([] {
    const unsigned seed = std::random_device{}();
    worker_pool pool({.min = 1, .max = 3, .idle_timeout = 1ms}, {.queue = 3, .timeout = 300us});
    std::atomic<bool> over{false};
    goro::wait_group auditors;
    auditors.go([&] {
      while (!over) {
        const auto s = pool.stats();
        ASSERT_EQ(s.submitted, s.done + s.failed + s.cancelled + s.refused + s.queued + s.running) << "seed " << seed;
        ASSERT_LE(s.queued, 3u);
        ASSERT_LE(s.workers, 3);
        goro::gosched();
      }
    });
    goro::wait_group senders;
    for (unsigned g = 0; g < 4; ++g)
      senders.go([&, random = std::mt19937(seed + g)]() mutable {
        for (int i = 0; i < 200; ++i) {
          const auto kind = random() % 6;
          const auto task = [kind] {
            if (kind == 0) throw std::runtime_error("0");
            if (kind == 1) goro::sleep(1ms);
            if (kind == 2) goro::goexit();
          };
          if (random() % 2 == 0) {
            static_cast<void>(pool.try_submit(task));
          } else {
            static_cast<void>(pool.submit({.priority = static_cast<int>(random() % 3)}, task));
          }
        }
      });
    senders.wait();
    pool.shutdown();
    over = true;
    auditors.wait();
    const auto s = pool.stats();
    EXPECT_EQ(s.submitted, 800u);
    EXPECT_EQ(s.submitted, s.done + s.failed + s.cancelled + s.refused) << "seed " << seed;
    EXPECT_EQ(s.workers, 0);
    EXPECT_EQ(s.overdue, 0u);
  });
}

TEST_P(WorkerPool, LogsEachEventOnce) {
  run([] {
    using kind = goro::worker_pool_event::kind;
    goro::mutex mu;
    std::vector<goro::worker_pool_event> events;
    std::vector<std::string> errors;
    {
      worker_pool pool(1, {.queue = 1, .log = [&](const goro::worker_pool_event& e) {
                             const std::lock_guard lock(mu);
                             events.push_back(e);
                             if (e.error != nullptr) errors.push_back(what_of(e.error));
                             events.back().error = nullptr;
                           }});
      gate gate;
      auto running = pool.submit({.priority = 5}, [&] { gate.wait(); });
      gate.wait_for_visitors(1);
      auto failing = pool.submit([] { throw std::runtime_error("oh"); });
      EXPECT_FALSE(pool.try_submit([] {}));
      gate.open();
      running.get();
      EXPECT_EQ(what_of(failing), "oh");
    }
    std::vector<std::pair<kind, std::uint64_t>> seen;
    for (const auto& e : events) seen.emplace_back(e.what, e.task);
    EXPECT_THAT(seen, testing::ElementsAre(std::pair(kind::worker_started, 0u), std::pair(kind::task_refused, 3u),
                                           std::pair(kind::task_done, 1u), std::pair(kind::task_failed, 2u),
                                           std::pair(kind::worker_ended, 0u)));
    EXPECT_EQ(events[2].priority, 5);
    EXPECT_THAT(errors, testing::ElementsAre("oh"));
  });
}

TEST_P(WorkerPool, KnowsHowLongTasksWaitedAndRan) {
  run([] {
    worker_pool pool(1);
    EXPECT_EQ(pool.stats().ran.p50, 0ns);
    for (int i = 0; i < 10; ++i) pool.submit([] { goro::sleep(2ms); }).get();
    auto first = pool.submit([] { goro::sleep(50ms); });
    auto second = pool.submit([] {});
    second.get();
    const auto s = pool.stats();
    EXPECT_GE(s.ran.p50, 2ms);
    EXPECT_LE(s.ran.p50, s.ran.p90);
    EXPECT_LE(s.ran.p90, s.ran.p99);
    EXPECT_LE(s.ran.p99, s.ran.p999);
    EXPECT_LE(s.ran.p999, s.ran.max);
    EXPECT_GE(s.ran.max, 50ms);
    EXPECT_GE(s.waited.max, 45ms);
    EXPECT_LT(s.waited.p50, s.waited.max);
  });
}

}  // namespace
