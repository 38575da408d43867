// SPDX-License-Identifier: BSL-1.0
// What readers of a concurrent_map look at without a lock lives as long as they look, and not much longer.
#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync/concurrent_map.hpp>
#include <goro/sync/wait_group.hpp>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using ConcurrentMapMemory = on_procs;
GORO_ON_PROCS(ConcurrentMapMemory);

/// A value whose copies stop halfway, on request, until they are let go.
struct slow_to_copy {
  explicit slow_to_copy(int n) : number(std::make_unique<int>(n)) { ++alive; }
  slow_to_copy(const slow_to_copy& other) {
    if (stop) {
      ++stopped;
      go_on.recv();
    }
    if (refuse) throw std::runtime_error("copy refused");
    number = std::make_unique<int>(*other.number);
    ++alive;
  }
  slow_to_copy(slow_to_copy&& other) noexcept : number(std::move(other.number)) { ++alive; }
  slow_to_copy& operator=(const slow_to_copy&) = delete;
  ~slow_to_copy() { --alive; }

  static inline std::atomic<int> alive = 0;
  static inline std::atomic<bool> stop = false;
  static inline std::atomic<bool> refuse = false;
  static inline std::atomic<int> stopped = 0;
  static inline goro::chan<void> go_on;

  std::unique_ptr<int> number;
};
constexpr int refused = -1;
using slow_map = goro::concurrent_map<int, slow_to_copy>;

/// `readers` goroutines and a plain thread in the middle of load(1) while f runs; their results.
template <class F>
std::vector<int> load_during(slow_map& map, int readers, F f) {
  std::vector<int> results(static_cast<std::size_t>(readers) + 1);
  const auto read = [&map](int* result) {
    try {
      *result = *map.load(1).value().number;
    } catch (const std::runtime_error&) {
      *result = refused;
    }
  };
  slow_to_copy::go_on = goro::make_chan<void>();
  slow_to_copy::stopped = 0;
  slow_to_copy::stop = true;
  goro::wait_group wg;
  for (int r = 0; r < readers; ++r) wg.go([&, r] { read(&results[static_cast<std::size_t>(r)]); });
  std::thread thread(read, &results.back());
  EXPECT_TRUE(eventually([&] { return slow_to_copy::stopped == readers + 1; }));
  slow_to_copy::stop = false;
  f();
  slow_to_copy::go_on.close();
  wg.wait();
  goro::blocking([&] { thread.join(); });
  slow_to_copy::go_on = {};
  return results;
}

constexpr int more_than_slots = 100;

TEST_P(ConcurrentMapMemory, AReaderThatParksInACopyKeepsWhatItReads) {
  run([] {
    for (const int readers : {1, more_than_slots}) {
      {
        slow_map map;
        map.store(1, slow_to_copy(10));
        const auto results = load_during(map, readers, [&] {
          for (int i = 0; i < 1000; ++i) map.store(1, slow_to_copy(i));
          EXPECT_EQ(slow_to_copy::alive, 2) << "the value there and the one that is read";
          map.clear();
          EXPECT_EQ(slow_to_copy::alive, 1);
        });
        EXPECT_THAT(results, testing::Each(10));
        map.store(1, slow_to_copy(11));
        map.store(1, slow_to_copy(12));
        EXPECT_EQ(slow_to_copy::alive, 1) << "something is kept that nobody reads";
      }
      EXPECT_EQ(slow_to_copy::alive, 0);
    }
  });
}

TEST_P(ConcurrentMapMemory, WhatIsReadIsCopiedOutAndElseMoved) {
  run([] {
    slow_map map;
    map.store(1, slow_to_copy(10));
    const auto results = load_during(map, 1, [&] {
      EXPECT_EQ(*map.swap(1, slow_to_copy(11)).value().number, 10);
      EXPECT_EQ(*map.load_and_delete(1).value().number, 11);
    });
    EXPECT_THAT(results, testing::Each(10));

    tracked::reset();
    goro::concurrent_map<int, tracked> unread;
    unread.store(1, tracked(1));
    EXPECT_EQ(unread.load(1).value(), 1);
    EXPECT_EQ(tracked::copies, 1);
    EXPECT_EQ(unread.swap(1, tracked(2)).value(), 1);
    EXPECT_EQ(unread.load_and_delete(1).value(), 2);
    EXPECT_EQ(tracked::copies, 1);
  });
}

TEST_P(ConcurrentMapMemory, ACopyThatThrowsLeavesTheMapAsItWasAndKeepsNothing) {
  run([] {
    {
      slow_map map;
      map.store(1, slow_to_copy(10));
      const auto results = load_during(map, 1, [&] {
        slow_to_copy::refuse = true;  // what is read cannot be moved out, nor copied now
        EXPECT_THROW(static_cast<void>(map.swap(1, slow_to_copy(11))), std::runtime_error);
        EXPECT_THROW(static_cast<void>(map.load_and_delete(1)), std::runtime_error);
      });
      EXPECT_THAT(results, testing::Each(refused));
      slow_to_copy::refuse = false;
      EXPECT_EQ(*map.load(1).value().number, 10);
      EXPECT_EQ(*map.load_and_delete(1).value().number, 10);
      EXPECT_FALSE(map.load(1).has_value());
      EXPECT_EQ(slow_to_copy::alive, 0);
    }
  });
}

TEST_P(ConcurrentMapMemory, OverwritingUnderReadersKeepsFewValues) {
  run([] {
    tracked::reset();
    {
      goro::concurrent_map<int, tracked> map;
      map.store(1, tracked(0));
      std::atomic<bool> stop = false;
      std::atomic<int> most = 0;
      const auto read = [&] {
        for (int last = 0, i = 0; !stop; ++i) {
          const int now = map.load(1).value().value;
          ASSERT_GE(now, last);
          last = now;
          if (i % 100 == 0) let_others_run();
        }
      };
      goro::wait_group wg;
      for (int r = 0; r < 3; ++r) wg.go(read);
      std::thread thread(read);
      const int writes = scale(200000);
      for (int i = 1; i <= writes; ++i) {
        map.store(1, tracked(i));
        if (const int now = tracked::alive; now > most) most = now;
        if (i % 100 == 0) let_others_run();
      }
      stop = true;
      wg.wait();
      goro::blocking([&] { thread.join(); });
      EXPECT_LE(most, 1 + 2 * 2 * 4) << "each reader holds one value and makes a copy or two of it";
      map.store(1, tracked(0));
      EXPECT_EQ(tracked::alive, 1);
    }
    EXPECT_EQ(tracked::alive, 0);
  });
}

TEST_P(ConcurrentMapMemory, GrowingUnderReadersLosesNothing) {
  run([] {
    const int keys = scale(20000, 4000);
    tracked::reset();
    {
      goro::concurrent_map<int, tracked> map;
      std::atomic<int> stored = 0;
      const auto read = [&] {
        for (int seen = 0; seen < keys;) {
          seen = stored;
          for (int key = seen - 1; key >= 0 && key > seen - 100; --key) ASSERT_EQ(map.load(key).value(), key);
          ASSERT_FALSE(map.load(-1).has_value());
          let_others_run();
        }
      };
      goro::wait_group wg;
      for (int r = 0; r < 3; ++r) wg.go(read);
      for (int i = 0; i < keys; ++i) {
        ASSERT_FALSE(map.load_or_store(i, tracked(i)).second);
        ++stored;
        map.erase(keys + i);
        map.store(keys + i + 1, tracked(0));
        if (i % 100 == 0) goro::gosched();
      }
      wg.wait();
    }
    EXPECT_EQ(tracked::alive, 0);
  });
}

TEST_P(ConcurrentMapMemory, ValuesNeedNoCopyUnlessTheyAreLoaded) {
  run([] {
    goro::concurrent_map<std::string, std::unique_ptr<int>> map;
    map.store("a", std::make_unique<int>(1));
    EXPECT_EQ(*map.swap("a", std::make_unique<int>(2)).value(), 1);
    EXPECT_FALSE(map.compare_and_swap("a", nullptr, nullptr));
    EXPECT_FALSE(map.compare_and_delete("a", nullptr));
    EXPECT_EQ(*map.load_and_delete("a").value(), 2);
    map.clear();

    goro::concurrent_map<int, std::vector<std::unique_ptr<int>>> lists;  // says that it can be copied, and cannot
    lists.store(1, {});
    lists.store(1, std::vector<std::unique_ptr<int>>(3));
    EXPECT_EQ(lists.swap(1, {}).value().size(), 3U);
    EXPECT_TRUE(lists.load_and_delete(1).value().empty());
    EXPECT_FALSE(lists.erase(1));
  });
}

}  // namespace
