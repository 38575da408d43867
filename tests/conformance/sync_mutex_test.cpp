// SPDX-License-Identifier: BSL-1.0
// goro::mutex: who gets it, that nobody is kept out for long, and that it works with the standard's guards.
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/select.hpp>
#include <goro/sync/mutex.hpp>
#include <goro/sync/wait_group.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

using SyncMutex = on_procs;
GORO_ON_PROCS(SyncMutex);

static_assert(!std::is_copy_constructible_v<goro::mutex> && !std::is_move_constructible_v<goro::mutex>);
static_assert(!std::is_copy_assignable_v<goro::mutex> && !std::is_move_assignable_v<goro::mutex>);

// SY-01
TEST_P(SyncMutex, SY01_TryLockFailsWhenLockedAndWorksWhenFree) {
  run([] {
    goro::mutex mu;
    mu.lock();
    EXPECT_FALSE(mu.try_lock());
    mu.unlock();
    ASSERT_TRUE(mu.try_lock());
    EXPECT_FALSE(mu.try_lock());
    mu.unlock();
    mu.lock();
    mu.unlock();
  });
}

// SY-01
TEST_P(SyncMutex, SY01_TenGoroutinesThatLockAndTryToLockCountEveryTurn) {
  run([] {
    constexpr int goroutines = 10;
    const int turns = scale(1000);
    goro::mutex mu;
    int count = 0;  // not atomic
    std::atomic<int> taken{0};
    goro::wait_group wg;
    for (int g = 0; g < goroutines; ++g) {
      wg.go([&] {
        for (int i = 0; i < turns; ++i) {
          if (i % 3 != 0) {
            mu.lock();
          } else if (!mu.try_lock()) {
            continue;
          }
          ++count;
          if (i % 50 == 0) goro::gosched();  // for others to find it locked
          ++taken;
          mu.unlock();
        }
      });
    }
    wg.wait();
    EXPECT_EQ(count, taken);
    EXPECT_GE(count, goroutines * (turns - turns / 3 - 1));
  });
}

// Y1
TEST_P(SyncMutex, Y1_AnotherGoroutineMayUnlock) {
  run([] {
    goro::mutex mu;
    mu.lock();
    goro::go([&] { mu.unlock(); });
    mu.lock();
    EXPECT_FALSE(mu.try_lock());
    mu.unlock();
  });
}

// Y4
TEST_P(SyncMutex, Y4_OneThatHoldsItAlmostAlwaysDoesNotKeepAnotherOut) {
  run([] {
    goro::mutex mu;
    std::atomic<bool> stop{false};
    goro::wait_group hog;
    hog.go([&] {
      while (!stop) {
        mu.lock();
        goro::sleep(100us);
        mu.unlock();
      }
    });
    const auto done = goro::make_chan<void>();
    goro::go([&, done] {
      for (int i = 0; i < 10; ++i) {
        goro::sleep(100us);
        mu.lock();
        mu.unlock();
      }
      done.close();
    });
    EXPECT_EQ(goro::select(goro::recv(done), goro::recv(goro::after(10s * slowdown()))), 0u) << "kept out for seconds";
    stop = true;
    hog.wait();
    done.recv();
  });
}

// Y4
TEST_P(SyncMutex, Y4_OneThatLocksSleepsAndRelocksDoesNotKeepAnotherOut) {
  run([] {
    goro::mutex mu;
    std::atomic<int> turns_of_the_hog{0};
    std::atomic<bool> stop{false};
    goro::wait_group hogs;
    for (int i = 0; i < 2; ++i) {
      hogs.go([&] {
        std::unique_lock lock(mu);
        while (!stop) {
          goro::sleep(100us);
          lock.unlock();
          ++turns_of_the_hog;
          lock.lock();
        }
      });
    }
    ASSERT_TRUE(eventually([&] { return turns_of_the_hog > 10; }));
    const auto start = goro::clock::now();
    mu.lock();
    const auto waited = goro::clock::now() - start;
    stop = true;
    mu.unlock();
    hogs.wait();
    EXPECT_LT(waited, 2s * slowdown());
  });
}

// Y4, D11
TEST_P(SyncMutex, Y4_WaitersGetItInTheOrderOfTheirArrival) {
  run([] {
    constexpr int n = 5;
    goro::mutex mu;
    std::vector<int> order;  // guarded by mu
    goro::wait_group wg;
    mu.lock();
    for (int i = 0; i < n; ++i) {
      wg.go([&, i] {
        const std::lock_guard lock(mu);
        order.push_back(i);
      });
      ASSERT_TRUE(eventually_waiting(static_cast<std::size_t>(i) + 1, "sync.Mutex.Lock"));
    }
    EXPECT_TRUE(order.empty());
    mu.unlock();
    wg.wait();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
    EXPECT_EQ(count_waiting("sync.Mutex.Lock"), 0u);
  });
}

// HB9
TEST_P(SyncMutex, HB9_WhatOneWroteBeforeUnlockTheNextOneSees) {
  run([] {
    constexpr int rounds = 1000;
    goro::mutex mu;
    int turn = 0;  // guarded by mu, as is `value`
    int value = 0;
    const auto play = [&](int mine) {
      for (int left = rounds; left > 0;) {
        {
          const std::lock_guard lock(mu);
          if (turn == mine) {
            ++value;
            turn = 1 - mine;
            --left;
            continue;
          }
        }
        goro::gosched();
      }
    };
    goro::wait_group wg;
    wg.go([&] { play(0); });
    wg.go([&] { play(1); });
    wg.wait();
    EXPECT_EQ(value, 2 * rounds);
  });
}

TEST_P(SyncMutex, IsALockableForTheStandardsGuards) {
  run([] {
    goro::mutex a;
    goro::mutex b;
    {
      const std::lock_guard guard(a);
      EXPECT_FALSE(a.try_lock());
      std::unique_lock tried(b, std::try_to_lock);
      EXPECT_TRUE(tried.owns_lock());
      tried.unlock();
      const std::unique_lock refused(a, std::try_to_lock);
      EXPECT_FALSE(refused.owns_lock());
    }
    int both = 0;
    goro::wait_group wg;
    const auto hammer = [&](goro::mutex& first, goro::mutex& second) {
      for (int i = 0; i < 500; ++i) {
        const std::scoped_lock lock(first, second);
        ++both;
        if (i % 10 == 0) goro::gosched();
      }
    };
    wg.go([&] { hammer(a, b); });
    wg.go([&] { hammer(b, a); });
    wg.wait();
    EXPECT_EQ(both, 1000);
    const std::scoped_lock free(a, b);
  });
}

TEST_P(SyncMutex, ThreadsAndGoroutinesExcludeEachOther) {
  run([] {
    constexpr int each = 2;
    const int turns = scale(5000);
    goro::mutex mu;
    int count = 0;
    const auto hammer = [&] {
      for (int i = 0; i < turns; ++i) {
        const std::lock_guard lock(mu);
        const int before = count;
        if (i % 20 == 0) let_others_run();
        count = before + 1;
      }
    };
    goro::wait_group wg;
    std::vector<std::thread> threads;
    for (int i = 0; i < each; ++i) {
      wg.go(hammer);
      threads.emplace_back(hammer);
    }
    wg.wait();
    goro::blocking([&] {
      for (std::thread& t : threads) t.join();
    });
    EXPECT_EQ(count, 2 * each * turns);
  });
}

// On one processor: whoever is awake when the lock is given back can only be the one that it is meant for.
TEST(SyncMutexOnOne, Y3_TryLockNeitherBlocksNorGetsTheLockThatGoesFromHandToHand) {
  goro::run({.max_procs = 1}, [] {
    for (int round = 0; round < 10; ++round) {
      goro::mutex mu;
      mu.lock();
      std::atomic<bool> got_it{false};
      goro::wait_group ended;
      ended.go([&] {
        mu.lock();
        got_it = true;
        mu.unlock();
      });
      ASSERT_TRUE(eventually_waiting(1, "sync.Mutex.Lock"));
      goro::sleep(5ms);
      mu.unlock();  // the other one is woken, but does not run before we are back
      mu.lock();
      ASSERT_TRUE(eventually_waiting(1, "sync.Mutex.Lock"));

      std::atomic<bool> stop{false};
      std::atomic<int> too_early{0};
      std::atomic<int> tries{0};
      std::thread greedy([&] {
        for (; !stop; ++tries) {
          const bool before = got_it;
          if (!mu.try_lock()) continue;
          if (!before && !got_it) ++too_early;
          mu.unlock();
        }
      });
      while (tries < 100) goro::sleep(1ms);
      mu.unlock();
      ended.wait();
      stop = true;
      goro::blocking([&] { greedy.join(); });
      EXPECT_EQ(too_early, 0);
      EXPECT_TRUE(mu.try_lock());
      mu.unlock();
    }
  });
}

}  // namespace
