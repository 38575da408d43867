// SPDX-License-Identifier: BSL-1.0
// goro::pool: what is put comes back, to one owner at a time.
#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <goro/go.hpp>
#include <goro/sync/pool.hpp>
#include <goro/sync/wait_group.hpp>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using SyncPool = on_procs;
GORO_ON_PROCS(SyncPool);

/// For what holds on one processor only.
class SyncPoolPinned : public leak_checked {
 protected:
  template <class F>
  static void run(F f) {
    goro::run({.max_procs = 1}, f);
  }
};

static_assert(!std::is_copy_constructible_v<goro::pool<int>> && !std::is_move_constructible_v<goro::pool<int>>);

// SY-18
TEST_F(SyncPoolPinned, SY18_WhatIsPutFirstComesBackFirst) {
  run([] {
    goro::pool<std::string> pool;
    EXPECT_EQ(pool.get(), std::nullopt);
    pool.put("a");
    pool.put("b");
    EXPECT_EQ(pool.get(), "a");
    EXPECT_EQ(pool.get(), "b");
    EXPECT_EQ(pool.get(), std::nullopt);
  });
}

// SY-18
TEST_F(SyncPoolPinned, SY18_MakeIsCalledWhenItIsEmpty) {
  run([] {
    int made = 0;
    goro::pool<int> pool([&] { return ++made; });
    EXPECT_EQ(pool.get(), 1);
    EXPECT_EQ(pool.get(), 2);
    pool.put(42);
    EXPECT_EQ(pool.get(), 42);
    EXPECT_EQ(pool.get(), 3);
    EXPECT_EQ(made, 3);
  });
}

// SY-19
TEST_P(SyncPool, SY19_TenGoroutinesThatPutAndGetTheSameValueNeverSeeAnother) {
  run([] {
    const int turns = scale(1000000, 10000);
    goro::pool<int> pool;
    goro::wait_group wg;
    for (int g = 0; g < 10; ++g) {
      wg.go([&] {
        for (int i = 0; i < turns; ++i) {
          pool.put(7);
          if (i % 64 == 0) goro::gosched();
          const std::optional<int> got = pool.get();
          ASSERT_TRUE(!got || *got == 7);
        }
      });
    }
    wg.wait();
  });
}

// Y19, HB16
TEST_P(SyncPool, Y19_AnObjectHasOneOwnerAtATimeAmongGoroutinesAndThreads) {
  run([] {
    struct object {
      std::atomic<bool> owned{false};
      int uses = 0;  // not atomic: put() happens before the get() that returns it
    };
    const int turns = scale(10000);
    std::atomic<int> made{0};
    std::atomic<int> used{0};
    goro::pool<std::unique_ptr<object>> pool([&] {
      ++made;
      return std::make_unique<object>();
    });
    const auto work = [&] {
      for (int i = 0; i < turns; ++i) {
        std::unique_ptr<object> mine = pool.get().value();
        EXPECT_FALSE(mine->owned.exchange(true)) << "two owners";
        ++mine->uses;
        if (i % 32 == 0) let_others_run();
        mine->owned = false;
        pool.put(std::move(mine));
      }
      used += turns;
    };
    goro::wait_group wg;
    for (int i = 0; i < 4; ++i) wg.go(work);
    std::thread thread_1(work);
    std::thread thread_2(work);
    wg.wait();
    goro::blocking([&] {
      thread_1.join();
      thread_2.join();
    });
    EXPECT_EQ(used, 6 * turns);
    EXPECT_GE(made, 1);
    EXPECT_LT(made, used) << "nothing was ever used again";

    // No object is lost but those that the pool dropped: together they have been used once a turn.
    int uses = 0;
    const int before = made;
    while (const auto left = pool.get()) {
      if (made != before) break;
      uses += (*left)->uses;
    }
    EXPECT_LE(uses, used);
    EXPECT_GT(uses, 0);
  });
}

// Y19: what a machine keeps for itself is taken from it once in a pool's life, so every round has a pool of its own.
TEST_P(SyncPool, Y19_AnObjectIsNeitherDoubledNorLostWhenItIsTakenFromAMachineThatUsesIt) {
  run([] {
    for (int round = 0; round < scale(2000, 200); ++round) {
      goro::pool<std::unique_ptr<int>> pool;
      pool.put(std::make_unique<int>(0));
      std::atomic<int> holders{0};
      std::atomic<int> lost{0};
      goro::wait_group wg;
      for (int g = 0; g < 4; ++g) {
        wg.go([&, g] {
          for (int i = 0; i < 50; ++i) {
            if (auto mine = pool.get()) {
              EXPECT_EQ(++holders, 1);
              ++**mine;
              --holders;
              pool.put(std::move(*mine));
            } else {
              ++lost;
            }
            if (i % 8 == g) goro::gosched();
          }
        });
      }
      wg.wait();
      // While nobody uses the pool, it has the object.
      const auto left = pool.get();
      ASSERT_TRUE(left);
      EXPECT_EQ(**left + lost, 200);
      EXPECT_EQ(pool.get(), std::nullopt);
    }
  });
}

// Y19
TEST_P(SyncPool, Y19_WhatAThreadPutAGoroutineGets) {
  run([] {
    goro::pool<int> pool;
    goro::blocking([&] { std::thread([&] { pool.put(5); }).join(); });
    EXPECT_EQ(pool.get(), 5);
    EXPECT_EQ(pool.get(), std::nullopt);
    pool.put(6);
    std::optional<int> got;
    goro::blocking([&] { std::thread([&] { got = pool.get(); }).join(); });
    EXPECT_EQ(got, 6);
  });
}

// Y19
TEST_P(SyncPool, Y19_WhatIsDroppedOrLeftIsDestroyedOnce) {
  run([] {
    {
      goro::pool<tracked> pool;
      for (int i = 0; i < 10000; ++i) pool.put(tracked(i));
      EXPECT_LT(tracked::alive, 10000) << "it keeps everything";
      EXPECT_GT(tracked::alive, 0);
      const std::optional<tracked> one = pool.get();
      ASSERT_TRUE(one.has_value());
      EXPECT_NE(one->value, tracked::moved_from);
    }
    EXPECT_EQ(tracked::alive, 0);
  });
}

// Y19
TEST_P(SyncPool, Y19_MakeThatThrowsLeavesThePoolUsable) {
  run([] {
    bool refuse = true;
    goro::pool<int> pool([&] {
      if (refuse) throw std::runtime_error("refused");
      return 1;
    });
    EXPECT_THROW(static_cast<void>(pool.get()), std::runtime_error);
    pool.put(2);
    EXPECT_EQ(pool.get(), 2);
    refuse = false;
    EXPECT_EQ(pool.get(), 1);
  });
}

}  // namespace
