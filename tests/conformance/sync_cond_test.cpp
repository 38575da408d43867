// SPDX-License-Identifier: BSL-1.0
// goro::cond: whom a signal wakes, and that nobody wakes without one.
#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <thread>
#include <type_traits>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/select.hpp>
#include <goro/sync/cond.hpp>
#include <goro/sync/mutex.hpp>
#include <goro/sync/rw_mutex.hpp>
#include <goro/sync/wait_group.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

using SyncCond = on_procs;
GORO_ON_PROCS(SyncCond);

constexpr const char* cond_wait = "sync.Cond.Wait";

// SY-03, D11
TEST_P(SyncCond, SY03_EachSignalWakesExactlyOneAndNobodyWakesBefore) {
  run([] {
    constexpr std::size_t n = 2;
    goro::mutex mu;
    goro::cond c;
    const auto awake = goro::make_chan<void>(n);
    goro::wait_group wg;
    for (std::size_t i = 0; i < n; ++i) {
      wg.go([&, awake] {
        std::unique_lock lock(mu);
        c.wait(lock);
        awake.send();
      });
    }
    ASSERT_TRUE(eventually_waiting(n, cond_wait));
    for (std::size_t left = n; left > 0; --left) {
      EXPECT_EQ(awake.len(), 0u) << "nobody has signalled";
      {
        const std::lock_guard lock(mu);
        c.signal();
      }
      awake.recv();
      EXPECT_EQ(awake.len(), 0u) << "one signal, two awake";
      EXPECT_EQ(count_waiting(cond_wait), left - 1);
    }
    c.signal();
    wg.wait();
  });
}

// SY-04
TEST_P(SyncCond, SY04_BroadcastWakesEveryWaiterOnce) {
  run([] {
    const int n = 200;
    const int rounds = scale(200);
    goro::mutex mu;
    goro::cond c;
    bool exit = false;  // guarded by mu
    const auto running = goro::make_chan<int>(n);
    const auto awake = goro::make_chan<int>(n);
    goro::wait_group wg;
    for (int g = 0; g < n; ++g) {
      wg.go([&, running, awake, g] {
        std::unique_lock lock(mu);
        while (!exit) {
          running.send(g);
          c.wait(lock);
          awake.send(g);
        }
      });
    }
    for (int round = 0; round < rounds; ++round) {
      for (int i = 0; i < n; ++i) running.recv();
      std::unique_lock lock(mu);  // so the last one waits, too
      ASSERT_EQ(awake.len(), 0u) << "awake before the broadcast";
      exit = round == rounds - 1;
      c.broadcast();
      lock.unlock();
      std::vector<bool> seen(n);
      for (int i = 0; i < n; ++i) {
        const auto g = static_cast<std::size_t>(awake.recv().value());
        EXPECT_FALSE(seen[g]) << g << " woke up twice";
        seen[g] = true;
      }
    }
    EXPECT_EQ(running.len(), 0u);
    c.broadcast();
    wg.wait();
  });
}

// SY-05
TEST_P(SyncCond, SY05_ThreeGoroutinesHandAValueOnBySignals) {
  run([] {
    goro::mutex mu;
    goro::cond c;
    int x = 0;  // guarded by mu
    goro::wait_group wg;
    wg.go([&] {
      std::unique_lock lock(mu);
      x = 1;
      c.wait(lock);
      EXPECT_EQ(x, 2);
      x = 3;
      c.signal();
    });
    wg.go([&] {
      std::unique_lock lock(mu);
      while (x != 1) {
        lock.unlock();
        goro::gosched();
        lock.lock();
      }
      x = 2;
      c.signal();
    });
    wg.go([&] {
      std::unique_lock lock(mu);
      for (;;) {
        if (x == 2) {
          c.wait(lock);
          EXPECT_EQ(x, 3);
          break;
        }
        if (x == 3) break;
        lock.unlock();
        goro::gosched();
        lock.lock();
      }
    });
    wg.wait();
    EXPECT_EQ(x, 3);
  });
}

// SY-06
TEST(SyncCondType, SY06_CanNeitherBeCopiedNorMoved) {
  static_assert(!std::is_copy_constructible_v<goro::cond> && !std::is_move_constructible_v<goro::cond>);
  static_assert(!std::is_copy_assignable_v<goro::cond> && !std::is_move_assignable_v<goro::cond>);
}

// Y17
TEST_P(SyncCond, Y17_SignalWakesTheOneThatHasWaitedLongest) {
  run([] {
    constexpr int n = 6;
    goro::mutex mu;
    goro::cond c;
    const auto awake = goro::make_chan<int>(n);
    goro::wait_group wg;
    for (int i = 0; i < n; ++i) {
      wg.go([&, awake, i] {
        std::unique_lock lock(mu);
        c.wait(lock);
        awake.send(i);
      });
      ASSERT_TRUE(eventually_waiting(static_cast<std::size_t>(i) + 1, cond_wait));
    }
    for (int i = 0; i < n; ++i) {
      c.signal();  // the lock need not be held
      EXPECT_EQ(awake.recv(), i);
    }
    wg.wait();
  });
}

// Y17
TEST_P(SyncCond, Y17_OneThatComesAfterABroadcastCannotStealIt) {
  run([] {
    const int rounds = scale(1000);
    for (int round = 0; round < rounds; ++round) {
      goro::mutex mu;
      goro::cond c;
      bool done = false;  // guarded by mu
      const auto first = goro::make_chan<void>();
      goro::wait_group wg;
      wg.go([&] {
        std::unique_lock lock(mu);
        first.send();
        c.wait(lock);
        lock.unlock();
        first.send();
      });
      first.recv();
      { const std::lock_guard it_waits_now(mu); }
      wg.go([&] { c.broadcast(); });
      wg.go([&] {
        std::unique_lock lock(mu);
        c.wait(lock, [&] { return done; });
      });
      ASSERT_EQ(goro::select(goro::recv(first), goro::recv(goro::after(10s * slowdown()))), 0u) << "not woken";
      {
        const std::lock_guard lock(mu);
        done = true;
      }
      c.broadcast();
      wg.wait();
    }
  });
}

// Y17
TEST_P(SyncCond, Y17_SignalsThatNobodyWaitsForAreNotRemembered) {
  run([] {
    goro::mutex mu;
    goro::cond c;
    c.signal();
    c.broadcast();
    goro::wait_group wg;
    wg.go([&] {
      std::unique_lock lock(mu);
      c.wait(lock);
    });
    EXPECT_TRUE(eventually_waiting(1, cond_wait));
    c.signal();
    wg.wait();
  });
}

// Y17
TEST_P(SyncCond, Y17_WaitUnlocksAndHasTheLockAgainWhenItReturns) {
  run([] {
    goro::mutex mu;
    goro::cond c;
    bool ready = false;  // guarded by mu
    goro::wait_group wg;
    wg.go([&] {
      mu.lock();
      c.wait(mu);  // any lock with lock() and unlock()
      EXPECT_TRUE(ready);
      EXPECT_FALSE(mu.try_lock());
      mu.unlock();
    });
    ASSERT_TRUE(eventually_waiting(1, cond_wait));
    ASSERT_TRUE(mu.try_lock());
    c.signal();
    ASSERT_TRUE(eventually_waiting(1, "sync.Mutex.Lock"));  // woken, and not back before the lock is free
    ready = true;
    mu.unlock();
    wg.wait();
  });
}

// Y8, Y17
TEST_P(SyncCond, Y17_ReadersWaitWithASharedLockForAWriter) {
  run([] {
    constexpr int readers = 3;
    goro::rw_mutex mu;
    goro::cond c;
    int value = 0;  // guarded by mu
    goro::wait_group wg;
    for (int i = 0; i < readers; ++i) {
      wg.go([&] {
        std::shared_lock lock(mu);
        c.wait(lock, [&] { return value != 0; });
        EXPECT_EQ(value, 7);
      });
    }
    ASSERT_TRUE(eventually_waiting(readers, cond_wait));
    c.broadcast();  // the predicate sends them back
    ASSERT_TRUE(eventually_waiting(readers, cond_wait));
    {
      const std::lock_guard lock(mu);
      value = 7;
    }
    c.broadcast();
    wg.wait();
  });
}

TEST_P(SyncCond, ThreadsAndGoroutinesWaitForEachOther) {
  run([] {
    const int items = scale(2000);
    goro::mutex mu;
    goro::cond not_empty;
    goro::cond not_full;
    std::optional<int> slot;  // guarded by mu, as are the sums
    long put = 0;
    long taken = 0;
    const auto produce = [&] {
      for (int i = 1; i <= items; ++i) {
        std::unique_lock lock(mu);
        not_full.wait(lock, [&] { return !slot.has_value(); });
        slot = i;
        put += i;
        not_empty.signal();
      }
    };
    const auto consume = [&] {
      for (int i = 1; i <= items; ++i) {
        std::unique_lock lock(mu);
        not_empty.wait(lock, [&] { return slot.has_value(); });
        taken += *slot;
        slot.reset();
        not_full.signal();
      }
    };
    goro::wait_group wg;
    wg.go(produce);
    wg.go(consume);
    std::thread producer(produce);
    std::thread consumer(consume);
    wg.wait();
    goro::blocking([&] {
      producer.join();
      consumer.join();
    });
    EXPECT_FALSE(slot.has_value());
    EXPECT_EQ(put, taken);
    EXPECT_EQ(put, 2L * items * (items + 1) / 2);
  });
}

}  // namespace
