// SPDX-License-Identifier: BSL-1.0
// goro::rw_mutex: many readers or one writer, and who goes first.
#include <atomic>
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync/rw_mutex.hpp>
#include <goro/sync/wait_group.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using SyncRwMutex = on_procs;
GORO_ON_PROCS(SyncRwMutex);

static_assert(!std::is_copy_constructible_v<goro::rw_mutex> && !std::is_move_constructible_v<goro::rw_mutex>);
static_assert(!std::is_copy_assignable_v<goro::rw_mutex> && !std::is_move_assignable_v<goro::rw_mutex>);

bool one_writer_waits() {
  return eventually([] {
    if (count_waiting("sync.RWMutex.Lock") + count_waiting("sync.Mutex.Lock") == 1) return true;
    goro::sleep(std::chrono::milliseconds(1));
    return false;
  });
}

// SY-15
TEST_P(SyncRwMutex, SY15_ReadersHoldItAtTheSameTime) {
  run([] {
    for (const int readers : {1, 3, 4}) {
      goro::rw_mutex mu;
      const auto locked = goro::make_chan<void>();
      const auto unlock = goro::make_chan<void>();
      const auto done = goro::make_chan<void>();
      for (int i = 0; i < readers; ++i) {
        goro::go([&, locked, unlock, done] {
          mu.lock_shared();
          locked.send();
          unlock.recv();
          mu.unlock_shared();
          done.send();
        });
      }
      for (int i = 0; i < readers; ++i) locked.recv();  // all of them are in
      EXPECT_FALSE(mu.try_lock());
      for (int i = 0; i < readers; ++i) unlock.send();
      for (int i = 0; i < readers; ++i) done.recv();
      EXPECT_TRUE(mu.try_lock());
      mu.unlock();
    }
  });
}

// SY-16
TEST_P(SyncRwMutex, SY16_TryLockSucceedsOnlyWhenNobodyHasIt) {
  run([] {
    goro::rw_mutex mu;
    mu.lock();
    EXPECT_FALSE(mu.try_lock());
    EXPECT_FALSE(mu.try_lock_shared());
    mu.unlock();

    ASSERT_TRUE(mu.try_lock());
    EXPECT_FALSE(mu.try_lock());
    EXPECT_FALSE(mu.try_lock_shared());
    mu.unlock();

    ASSERT_TRUE(mu.try_lock_shared());
    ASSERT_TRUE(mu.try_lock_shared());
    EXPECT_FALSE(mu.try_lock());
    mu.unlock_shared();
    EXPECT_FALSE(mu.try_lock());
    mu.unlock_shared();

    mu.lock_shared();
    EXPECT_FALSE(mu.try_lock());
    mu.unlock_shared();
    EXPECT_TRUE(mu.try_lock());
    mu.unlock();
  });
}

/// Adds up who is inside: 1 for a reader, 10000 for a writer.
struct activity {
  static constexpr int a_writer = 10000;

  void read() {
    const std::shared_lock lock(mu);
    const int now = ++inside;
    EXPECT_TRUE(now >= 1 && now < a_writer) << "a reader meets a writer: " << now;
    EXPECT_EQ(first, second);
    stay(100);
    --inside;
  }
  void write() {
    const std::lock_guard lock(mu);
    const int now = inside += a_writer;
    EXPECT_EQ(now, a_writer) << "a writer is not alone";
    ++first;
    stay(100);
    ++second;
    inside -= a_writer;
  }
  static void stay(int long_enough) {
    for (int i = 0; i < long_enough; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
    if (++turn % 16 == 0) let_others_run();
  }

  goro::rw_mutex mu;
  std::atomic<int> inside{0};
  int first = 0;  // guarded by mu, as is `second`; equal whenever nobody writes
  int second = 0;
  static inline std::atomic<unsigned> turn{0};
};

// SY-17
TEST_P(SyncRwMutex, SY17_WriterIsNeverInsideWithAnybodyElse) {
  run([] {
    const int turns = scale(1000);
    for (const int readers : {1, 3, 5, 10}) {
      activity shared;
      const auto repeat = [&, turns](void (activity::*f)()) {
        for (int i = 0; i < turns; ++i) (shared.*f)();
      };
      goro::wait_group wg;
      wg.go([&] { repeat(&activity::write); });
      for (int i = 0; i < readers / 2; ++i) wg.go([&] { repeat(&activity::read); });
      wg.go([&] { repeat(&activity::write); });
      for (int i = readers / 2; i < readers; ++i) wg.go([&] { repeat(&activity::read); });
      wg.wait();
      EXPECT_EQ(shared.inside, 0);
      EXPECT_EQ(shared.first, 2 * turns);
      EXPECT_EQ(shared.second, 2 * turns);
    }
  });
}

// Y5, D11
TEST_P(SyncRwMutex, Y5_WaitingWriterKeepsNewReadersOut) {
  run([] {
    goro::rw_mutex mu;
    std::vector<std::string> order;  // guarded by mu: each entry is made with the lock held
    goro::wait_group wg;
    mu.lock_shared();
    wg.go([&] {
      const std::lock_guard lock(mu);
      order.emplace_back("writer");
    });
    ASSERT_TRUE(eventually_waiting(1, "sync.RWMutex.Lock"));
    EXPECT_FALSE(mu.try_lock_shared());
    EXPECT_FALSE(mu.try_lock());
    wg.go([&] {
      const std::shared_lock lock(mu);
      order.emplace_back("reader");
    });
    ASSERT_TRUE(eventually_waiting(1, "sync.RWMutex.RLock"));
    EXPECT_TRUE(order.empty());
    mu.unlock_shared();
    wg.wait();
    EXPECT_EQ(order, (std::vector<std::string>{"writer", "reader"}));
    EXPECT_EQ(count_waiting("sync.RWMutex.Lock") + count_waiting("sync.RWMutex.RLock"), 0u);
  });
}

// Y5
TEST_P(SyncRwMutex, Y5_WriterWaitsUntilTheLastOfTheReadersBeforeItHasLeft) {
  run([] {
    goro::rw_mutex mu;
    for (int i = 0; i < 3; ++i) mu.lock_shared();
    std::atomic<bool> written{false};
    goro::wait_group wg;
    wg.go([&] {
      const std::lock_guard lock(mu);
      written = true;
    });
    ASSERT_TRUE(eventually_waiting(1, "sync.RWMutex.Lock"));
    for (int i = 0; i < 2; ++i) {
      mu.unlock_shared();
      for (int turn = 0; turn < 20; ++turn) goro::gosched();
      EXPECT_FALSE(written);
      EXPECT_EQ(count_waiting("sync.RWMutex.Lock"), 1u);
    }
    mu.unlock_shared();
    wg.wait();
    EXPECT_TRUE(written);
  });
}

// Y6
TEST_P(SyncRwMutex, Y6_WaitingReadersGetInBeforeTheNextWriter) {
  run([] {
    constexpr int readers = 4;
    goro::rw_mutex mu;
    std::atomic<int> have_read{0};
    int read_before_the_writer = -1;
    goro::wait_group wg;
    mu.lock();
    wg.go([&] {
      const std::lock_guard lock(mu);
      read_before_the_writer = have_read;
    });
    ASSERT_TRUE(one_writer_waits());  // it came first, and yet
    for (int i = 0; i < readers; ++i) {
      wg.go([&] {
        const std::shared_lock lock(mu);
        ++have_read;
      });
    }
    ASSERT_TRUE(eventually_waiting(readers, "sync.RWMutex.RLock"));
    EXPECT_EQ(have_read, 0);
    mu.unlock();
    wg.wait();
    EXPECT_EQ(read_before_the_writer, readers);
  });
}

// Y1, Y8
TEST_P(SyncRwMutex, Y1_AnotherGoroutineMayUnlockBothWays) {
  run([] {
    goro::rw_mutex mu;
    mu.lock();
    goro::go([&] { mu.unlock(); });
    mu.lock_shared();
    goro::go([&] { mu.unlock_shared(); });
    mu.lock();
    EXPECT_FALSE(mu.try_lock_shared());
    mu.unlock();
  });
}

TEST_P(SyncRwMutex, Y8_IsASharedLockableForTheStandardsGuards) {
  run([] {
    goro::rw_mutex mu;
    goro::rw_mutex other;
    {
      const std::shared_lock one(mu);
      std::shared_lock another(mu, std::try_to_lock);
      EXPECT_TRUE(another.owns_lock());
      const std::unique_lock refused(mu, std::try_to_lock);
      EXPECT_FALSE(refused.owns_lock());
      std::shared_lock moved(std::move(another));
      EXPECT_TRUE(moved.owns_lock());
    }
    {
      const std::scoped_lock both(mu, other);
      const std::shared_lock refused(mu, std::try_to_lock);
      EXPECT_FALSE(refused.owns_lock());
      EXPECT_FALSE(other.try_lock());
    }
    const std::unique_lock free(mu, std::try_to_lock);
    EXPECT_TRUE(free.owns_lock());
    const std::lock_guard guard(other);
    EXPECT_FALSE(other.try_lock_shared());
  });
}

TEST_P(SyncRwMutex, ThreadsAndGoroutinesExcludeEachOther) {
  run([] {
    const int turns = scale(2000);
    activity shared;
    const auto write = [&] {
      for (int i = 0; i < turns; ++i) shared.write();
    };
    const auto read = [&] {
      for (int i = 0; i < turns; ++i) shared.read();
    };
    goro::wait_group wg;
    wg.go(write);
    wg.go(read);
    std::thread writer(write);
    std::thread reader(read);
    wg.wait();
    goro::blocking([&] {
      writer.join();
      reader.join();
    });
    EXPECT_EQ(shared.first, 2 * turns);
    EXPECT_EQ(shared.second, 2 * turns);
  });
}

}  // namespace
