// SPDX-License-Identifier: BSL-1.0
// goro::concurrent_map: the results of a locked plain map, and range() in company.
#include <atomic>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/go.hpp>
#include <goro/sync/concurrent_map.hpp>
#include <goro/sync/wait_group.hpp>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using SyncMap = on_procs;
GORO_ON_PROCS(SyncMap);

using int_map = goro::concurrent_map<int, int>;
static_assert(!std::is_copy_constructible_v<int_map> && !std::is_move_constructible_v<int_map>);

/// The model: a plain map and a lock.
class locked_map {
 public:
  std::optional<int> load(int key) {
    const std::lock_guard lock(mu_);
    return find(key);
  }
  void store(int key, int value) { swap(key, value); }
  std::pair<int, bool> load_or_store(int key, int value) {
    const std::lock_guard lock(mu_);
    const auto [at, stored] = map_.try_emplace(key, value);
    return {at->second, !stored};
  }
  std::optional<int> load_and_delete(int key) {
    const std::lock_guard lock(mu_);
    const auto before = find(key);
    map_.erase(key);
    return before;
  }
  bool erase(int key) { return load_and_delete(key).has_value(); }
  std::optional<int> swap(int key, int value) {
    const std::lock_guard lock(mu_);
    const auto before = find(key);
    map_[key] = value;
    return before;
  }
  bool compare_and_swap(int key, int before, int after) {
    const std::lock_guard lock(mu_);
    if (find(key) != before) return false;
    map_[key] = after;
    return true;
  }
  bool compare_and_delete(int key, int before) {
    const std::lock_guard lock(mu_);
    return find(key) == before && map_.erase(key) == 1;
  }
  void clear() {
    const std::lock_guard lock(mu_);
    map_.clear();
  }
  template <class F>
  void range(F f) {
    const std::lock_guard lock(mu_);
    for (const auto& [key, value] : map_)
      if (!f(key, value)) return;
  }

 private:
  std::optional<int> find(int key) {
    const auto at = map_.find(key);
    return at == map_.end() ? std::nullopt : std::optional(at->second);
  }
  std::mutex mu_;
  std::map<int, int> map_;
};

/// What one call answers, in a form that can be compared.
using answer = std::tuple<std::optional<int>, bool>;

struct call {
  int operation;
  int key;
  int before;
  int after;

  template <class Map>
  answer on(Map& map) const {
    switch (operation) {
      case 0: return {map.load(key), false};
      case 1: map.store(key, after); return {};
      case 2: {
        const auto [value, loaded] = map.load_or_store(key, after);
        return {value, loaded};
      }
      case 3: return {map.load_and_delete(key), false};
      case 4: return {std::nullopt, map.erase(key)};
      case 5: return {map.swap(key, after), false};
      case 6: return {std::nullopt, map.compare_and_swap(key, before, after)};
      case 7: return {std::nullopt, map.compare_and_delete(key, before)};
      default: map.clear(); return {};
    }
  }
};

/// A call with one of 12 keys from `first_key` on and one of 3 values; one in 64 is clear() if that is allowed.
call random_call(std::mt19937& random, int first_key, bool with_clear) {
  const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
  return {with_clear && below(64) == 0 ? 8 : below(8), first_key + below(12), below(3), below(3)};
}

template <class Map>
std::map<int, int> contents(Map& map) {
  std::map<int, int> all;
  map.range([&](int key, int value) {
    EXPECT_TRUE(all.emplace(key, value).second) << key << " visited twice";
    return true;
  });
  return all;
}

template <class Map>
void expect_answers_of_a_locked_map(unsigned seed, int sequences, int calls) {
  std::mt19937 random(seed);
  for (int s = 0; s < sequences && !testing::Test::HasFailure(); ++s) {
    Map map;
    locked_map model;
    for (int i = 0; i < calls; ++i) {
      const call c = random_call(random, 0, true);
      ASSERT_EQ(c.on(map), c.on(model)) << "call " << i << " of sequence " << s << ": operation " << c.operation
                                        << " on key " << c.key << ", seed " << seed;
    }
    ASSERT_EQ(contents(map), contents(model)) << "sequence " << s << ", seed " << seed;
  }
}

struct same_for_all {
  std::size_t operator()(int) const { return 7; }
};

// SY-20
TEST_P(SyncMap, SY20_RandomCallsGetTheAnswersOfALockedMap) {
  run([] {
    const unsigned seed = std::random_device{}();
    expect_answers_of_a_locked_map<int_map>(seed, scale(500), 200);
    expect_answers_of_a_locked_map<goro::concurrent_map<int, int, same_for_all>>(seed, scale(500), 200);
  });
}

// SY-20
TEST_P(SyncMap, SY20_GoroutinesAndThreadsWithKeysOfTheirOwnGetTheAnswersOfALockedMap) {
  run([] {
    const unsigned seed = std::random_device{}();
    const int calls = scale(50000);
    int_map map;
    locked_map model;
    const auto work = [&](unsigned number) {
      std::mt19937 random(seed + number);
      for (int i = 0; i < calls; ++i) {
        const call c = random_call(random, static_cast<int>(number) * 100, false);
        ASSERT_EQ(c.on(map), c.on(model)) << "operation " << c.operation << " on key " << c.key << ", seed " << seed;
        if (i % 100 == 0) let_others_run();
      }
    };
    goro::wait_group wg;
    for (unsigned g = 0; g < 4; ++g) wg.go([&, g] { work(g); });
    std::thread thread_1(work, 4);
    std::thread thread_2(work, 5);
    wg.wait();
    goro::blocking([&] {
      thread_1.join();
      thread_2.join();
    });
    EXPECT_EQ(contents(map), contents(model)) << "seed " << seed;
  });
}

// SY-20, Y20
TEST_P(SyncMap, SY20_OneOfManyThatCompareAndSwapWins) {
  run([] {
    goro::concurrent_map<std::string, int> counters;
    counters.store("n", 0);
    const int turns = scale(2000);
    goro::wait_group wg;
    std::atomic<int> first{0};
    for (int g = 0; g < 4; ++g) {
      wg.go([&] {
        if (!counters.load_or_store("first", 1).second) ++first;
        for (int i = 0; i < turns; ++i) {
          for (int n = counters.load("n").value(); !counters.compare_and_swap("n", n, n + 1);) n = *counters.load("n");
          if (i % 50 == 0) goro::gosched();
        }
      });
    }
    wg.wait();
    EXPECT_EQ(counters.load("n"), 4 * turns);
    EXPECT_EQ(first, 1);
  });
}

// SY-21
TEST_P(SyncMap, SY21_RangeInsideRangeMayStoreLoadAndDelete) {
  run([] {
    goro::concurrent_map<int, std::string> map;
    map.store(0, "hello");
    map.store(1, "world");
    map.store(2, "Go");
    int outer = 0;
    map.range([&](int key, const std::string&) {
      ++outer;
      map.range([&](int inner_key, const std::string& inner_value) {
        EXPECT_EQ(map.load(inner_key), inner_value);
        EXPECT_FALSE(map.load_or_store(42, "dummy").second);
        map.store(42, "sync.Map");
        EXPECT_EQ(map.load_and_delete(42), "sync.Map");
        return true;
      });
      EXPECT_TRUE(map.erase(key));
      return true;
    });
    EXPECT_EQ(outer, 3);
    map.range([](int key, const std::string&) {
      ADD_FAILURE() << key << " is still there";
      return true;
    });
  });
}

// Y21
TEST_P(SyncMap, Y21_RangeVisitsWhatIsThereAllTheTimeAndNothingTwice) {
  run([] {
    constexpr int stable = 200;  // the keys 0, 2, 4 ...; the odd ones come and go
    int_map map;
    for (int i = 0; i < stable; ++i) map.store(2 * i, i);
    std::atomic<bool> stop{false};
    goro::wait_group wg;
    for (int g = 0; g < 2; ++g) {
      wg.go([&, g] {
        std::mt19937 random(static_cast<unsigned>(g));
        for (int i = 0; !stop; ++i) {
          const int key = 2 * static_cast<int>(random() % 1000) + 1;
          if (random() % 2 == 0) {
            map.store(key, key);
          } else {
            map.erase(key);
          }
          if (i % 100 == 0) goro::gosched();
        }
      });
    }
    const int rounds = scale(200);
    for (int round = 0; round < rounds; ++round) {
      std::set<int> seen;
      int found = 0;
      map.range([&](int key, int value) {
        EXPECT_TRUE(seen.insert(key).second) << key << " visited twice";
        if (key % 2 == 0) ++found;
        EXPECT_EQ(value, key % 2 == 0 ? key / 2 : key);
        return true;
      });
      EXPECT_EQ(found, stable);
      goro::gosched();
    }
    stop = true;
    wg.wait();
  });
}

// Y21
TEST_P(SyncMap, Y21_RangeStopsWhenTheCallbackSaysSo) {
  run([] {
    int_map map;
    for (int i = 0; i < 1000; ++i) map.store(i, i);
    int visited = 0;
    map.range([&](int, int) { return ++visited < 10; });
    EXPECT_EQ(visited, 10);
    EXPECT_THROW(map.range([](int, int) -> bool { throw std::runtime_error("enough"); }), std::runtime_error);
    map.clear();
    EXPECT_TRUE(contents(map).empty());
  });
}

// SY-22
TEST_P(SyncMap, SY22_CompareAndSwapOfAnAbsentKeyIsFalse) {
  run([] {
    int_map map;
    EXPECT_FALSE(map.compare_and_swap(5, 0, 42));
    EXPECT_FALSE(map.compare_and_delete(5, 0));
    EXPECT_EQ(map.load(5), std::nullopt);
    map.store(5, 1);
    map.erase(5);
    EXPECT_FALSE(map.compare_and_swap(5, 1, 42));
    EXPECT_EQ(map.load(5), std::nullopt);
  });
}

// Y20
TEST_P(SyncMap, Y20_WhatACopyThrowsLeavesTheMapAsItWas) {
  run([] {
    tracked::reset();
    {
      goro::concurrent_map<int, tracked> map;
      map.store(1, tracked(10));
      tracked::copies_throw = true;
      EXPECT_THROW(static_cast<void>(map.load(1)), std::runtime_error);
      EXPECT_THROW(map.range([](int, const tracked&) { return true; }), std::runtime_error);
      EXPECT_THROW(static_cast<void>(map.load_or_store(1, tracked(11))), std::runtime_error);
      EXPECT_THROW(static_cast<void>(map.load_or_store(2, tracked(12))), std::runtime_error);
      tracked::copies_throw = false;
      EXPECT_EQ(map.load(1).value(), 10);
      EXPECT_FALSE(map.load(2).has_value()) << "stored, although load_or_store() threw";
      EXPECT_EQ(map.swap(1, tracked(13)).value(), 10);
    }
    EXPECT_EQ(tracked::alive, 0);
  });
}

// Y20
TEST_P(SyncMap, Y20_ManyKeysAreKeptAndReleased) {
  run([] {
    {
      goro::concurrent_map<int, tracked> map;
      for (int i = 0; i < 20000; ++i) map.store(i, tracked(i));
      for (int i = 0; i < 20000; ++i) ASSERT_EQ(map.load(i).value(), i);
      for (int i = 0; i < 20000; i += 2) ASSERT_TRUE(map.erase(i));
      EXPECT_EQ(tracked::alive, 10000);
      for (int i = 0; i < 20000; ++i) ASSERT_EQ(map.load(i).has_value(), i % 2 == 1);
      map.clear();
      EXPECT_EQ(tracked::alive, 0);
      map.store(1, tracked(1));
    }
    EXPECT_EQ(tracked::alive, 0);
  });
}

}  // namespace
