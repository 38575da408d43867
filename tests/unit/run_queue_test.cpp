// SPDX-License-Identifier: BSL-1.0
#include "sched/run_queue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

namespace {

using goro::detail::goroutine;
using goro::runtime::run_queue;

class RunQueue : public testing::Test {
 protected:
  explicit RunQueue(std::size_t n = 5000) : blocks_(n) {}

  void push(std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) ASSERT_TRUE(queue_->try_push(&blocks_[i]));
  }
  std::size_t number(const goroutine* g) const { return static_cast<std::size_t>(g - blocks_.data()); }
  std::vector<std::size_t> pop_all() {
    std::vector<std::size_t> numbers;
    while (const goroutine* const g = queue_->try_pop()) numbers.push_back(number(g));
    return numbers;
  }
  static std::vector<std::size_t> range(std::size_t from, std::size_t to) {
    std::vector<std::size_t> numbers(to - from);
    std::iota(numbers.begin(), numbers.end(), from);
    return numbers;
  }

  std::vector<goroutine> blocks_;
  std::unique_ptr<run_queue> queue_ = std::make_unique<run_queue>();
};

TEST_F(RunQueue, IsFirstInFirstOutUpToTheRingsCapacity) {
  push(0, run_queue::capacity);
  EXPECT_FALSE(queue_->has_overflow());
  EXPECT_EQ(pop_all(), range(0, run_queue::capacity));
  EXPECT_TRUE(queue_->empty());
}

TEST_F(RunQueue, RunsTheRingFirstThenTheNewestBatch) {
  constexpr std::size_t half = run_queue::batch_size;
  push(0, 4 * half);
  std::vector<std::size_t> expected = range(2 * half, 4 * half);
  for (const std::size_t from : {half, std::size_t{0}})
    for (const std::size_t i : range(from, from + half)) expected.push_back(i);
  EXPECT_EQ(pop_all(), expected);
}

TEST_F(RunQueue, LosesNoneOfABurstAndHandsNoneOutTwice) {
  push(0, blocks_.size());
  std::vector<std::size_t> popped = pop_all();
  std::sort(popped.begin(), popped.end());
  EXPECT_EQ(popped, range(0, blocks_.size()));
}

TEST_F(RunQueue, TheOldestOfTheOverflowCanBeAskedFor) {
  EXPECT_EQ(queue_->try_pop_oldest(), nullptr);
  push(0, blocks_.size());
  for (std::size_t i = 0; i < 2 * run_queue::batch_size; ++i) EXPECT_EQ(number(queue_->try_pop_oldest()), i);
  EXPECT_EQ(pop_all().size(), blocks_.size() - 2 * run_queue::batch_size);
  EXPECT_EQ(queue_->try_pop_oldest(), nullptr);
}

TEST_F(RunQueue, ThievesTakeTheOldestBatchAndOtherwiseTheOlderHalfOfTheRing) {
  goroutine* taken[run_queue::batch_size];
  EXPECT_EQ(queue_->try_take(taken), 0u);
  push(0, 2 * run_queue::capacity);
  ASSERT_EQ(queue_->try_take(taken), run_queue::batch_size);
  for (std::size_t i = 0; i < run_queue::batch_size; ++i) EXPECT_EQ(number(taken[i]), i);
  EXPECT_EQ(pop_all().size(), 2 * run_queue::capacity - run_queue::batch_size);
  push(0, 9);
  ASSERT_EQ(queue_->try_take(taken), 5u);
  EXPECT_EQ(number(taken[0]), 0u);
  EXPECT_EQ(pop_all(), range(5, 9));
}

TEST_F(RunQueue, OneWhoLooksNeverFindsItEmptyWhileABatchComesBack) {
  // O2: while the owner takes out all but one, it is never empty. (While it pushes, one who looks may be wrong.)
  constexpr int rounds = 200;
  push(0, blocks_.size());
  std::atomic<int> phase{0};  // even: the owner takes out
  std::size_t found_empty = 0;
  std::thread looks([&] {
    for (int before = 0; before < 2 * rounds;) {
      before = phase.load();
      if (before % 2 == 0 && queue_->empty() && phase.load() == before) ++found_empty;
    }
  });
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t left = blocks_.size(); left > 1; --left) ASSERT_NE(queue_->try_pop(), nullptr);
    phase.fetch_add(1);
    push(1, blocks_.size());
    phase.fetch_add(1);
  }
  looks.join();
  EXPECT_EQ(found_empty, 0u);
}

TEST_F(RunQueue, OwnerAndThievesTogetherTakeEachExactlyOnce) {
  constexpr int thieves = 3;
  constexpr std::size_t rounds = 40;
  std::vector<std::atomic<int>> times(blocks_.size());
  std::atomic<bool> done{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < thieves; ++i)
    threads.emplace_back([&] {
      goroutine* taken[run_queue::batch_size];
      for (bool last = false; !last;) {
        last = done.load();
        const std::uint32_t n = queue_->try_take(taken);
        for (std::uint32_t k = 0; k < n; ++k) times[number(taken[k])].fetch_add(1);
      }
    });
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      ASSERT_TRUE(queue_->try_push(&blocks_[i]));
      const goroutine* const g = i % 7 == 0 ? queue_->try_pop() : i % 61 == 0 ? queue_->try_pop_oldest() : nullptr;
      if (g != nullptr) times[number(g)].fetch_add(1);
    }
    while (const goroutine* const g = queue_->try_pop()) times[number(g)].fetch_add(1);
  }
  done.store(true);
  for (std::thread& t : threads) t.join();
  while (const goroutine* const g = queue_->try_pop()) times[number(g)].fetch_add(1);
  for (const auto& n : times) EXPECT_EQ(n.load(), static_cast<int>(rounds));
}

}  // namespace
