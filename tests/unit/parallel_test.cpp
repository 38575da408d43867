// SPDX-License-Identifier: BSL-1.0
// goro/parallel.hpp: each element once, whatever the size; exceptions come out at the join, and nothing is left behind.
#include <goro/parallel.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "goro_test.hpp"

namespace {

struct Parallel : on_procs {};
GORO_ON_PROCS(Parallel);

constexpr std::size_t sizes[] = {0, 1, 2, 7, 8, 9, 31, 33, 1000, 4097};

TEST_P(Parallel, ForVisitsEachNumberOnce) {
  run([] {
    for (const std::size_t n : sizes) {
      std::vector<std::atomic<int>> visits(n);
      goro::parallel_for(std::size_t{0}, n, [&](std::size_t i) { ++visits[i]; });
      EXPECT_TRUE(std::ranges::all_of(visits, [](const auto& v) { return v == 1; })) << n;
    }
    std::atomic<int> sum{0};
    goro::parallel_for(-3, 4, [&](int i) { sum += i * i; });
    EXPECT_EQ(sum, 28);
    goro::parallel_for(5, 3, [](int) { FAIL() << "there is nothing between 5 and 3"; });
  });
}

TEST_P(Parallel, ForVisitsTheElementsThemselves) {
  run([] {
    std::vector<int> numbers(1000, 1);
    goro::parallel_for(numbers.begin(), numbers.end(), [](int& x) { x += 1; });
    EXPECT_EQ(std::ranges::count(numbers, 2), 1000);
  });
}

TEST_P(Parallel, ForThrowsWhatAPartThrewWhenAllHaveEnded) {
  run([] {
    std::atomic<int> running{0};
    EXPECT_THROW(goro::parallel_for(0, 1000,
                                    [&](int i) {
                                      ++running;
                                      goro::gosched();
                                      --running;
                                      if (i == 777) throw std::runtime_error("unlucky");
                                    }),
                 std::runtime_error);
    EXPECT_EQ(running, 0);
    EXPECT_THROW(goro::parallel_for(0, 1, [](int) { throw std::runtime_error("the caller's own part"); }),
                 std::runtime_error);
  });
}

TEST_P(Parallel, ForNestsWithoutDeadlock) {
  run([] {
    std::atomic<int> visits{0};
    goro::parallel_for(
        0, 20, [&](int) { goro::parallel_for(0, 20, [&](int) { goro::parallel_for(0, 5, [&](int) { ++visits; }); }); });
    EXPECT_EQ(visits, 2000);
  });
}

TEST_P(Parallel, ReduceKeepsTheOrderOfWhatIsNotCommutative) {
  run([] {
    for (const int n : {0, 1, 2, 9, 100, 1000}) {
      std::string expected = "<";
      for (int i = 0; i < n; ++i) expected += std::to_string(i);
      EXPECT_EQ(goro::parallel_reduce(
                    0, n, std::string("<"), [](std::string a, const std::string& b) { return std::move(a) + b; },
                    [](int i) { return std::to_string(i); }),
                expected);
    }
  });
}

TEST_P(Parallel, ReduceTakesValuesThatCanOnlyBeMoved) {
  run([] {
    const auto sum = goro::parallel_reduce(
        1, 101, std::make_unique<int>(0),
        [](std::unique_ptr<int> a, std::unique_ptr<int> b) {
          *a += *b;
          return a;
        },
        [](int i) { return std::make_unique<int>(i); });
    EXPECT_EQ(*sum, 5050);
  });
}

std::vector<int> random_numbers(std::size_t n, int most) {
  std::mt19937 random(static_cast<unsigned>(n));
  std::vector<int> numbers(n);
  for (int& x : numbers) x = std::uniform_int_distribution<int>(0, most)(random);
  return numbers;
}

TEST_P(Parallel, SortSortsWhatIsRandomSortedReversedAndEqual) {
  run([] {
    for (const std::size_t n : {0U, 1U, 2U, 2048U, 2049U, 10'000U, 100'000U}) {
      for (const int most : {0, 1, 1000, 1'000'000'000}) {
        std::vector<int> expected = random_numbers(n, most);
        std::vector<int> numbers = expected;
        std::ranges::sort(expected);
        goro::parallel_sort(numbers.begin(), numbers.end());
        EXPECT_EQ(numbers, expected) << n << " up to " << most;
        goro::parallel_sort(numbers.begin(), numbers.end());
        EXPECT_EQ(numbers, expected) << n << " sorted already";
        goro::parallel_sort(numbers.begin(), numbers.end(), std::greater<>());
        EXPECT_TRUE(std::ranges::is_sorted(numbers, std::greater<>())) << n << " reversed";
      }
    }
  });
}

// What makes quicksort quadratic if its depth is not bounded.
TEST_P(Parallel, SortIsNotSlowOnAnAdversary) {
  run([] {
    constexpr int n = 20'000;
    std::atomic<std::int64_t> comparisons{0};
    std::vector<int> pipe(n);
    for (int i = 0; i < n; ++i) pipe[static_cast<std::size_t>(i)] = i < n / 2 ? i : n - i;
    goro::parallel_sort(pipe.begin(), pipe.end(), [&](int a, int b) {
      ++comparisons;
      return a < b;
    });
    EXPECT_TRUE(std::ranges::is_sorted(pipe));
    EXPECT_LT(comparisons, std::int64_t{n} * 15 * 6);
  });
}

TEST_P(Parallel, SortMovesWhatCannotBeCopied) {
  run([] {
    std::vector<std::unique_ptr<int>> pointers;
    for (const int x : random_numbers(10'000, 1000)) pointers.push_back(std::make_unique<int>(x));
    const auto less = [](const auto& a, const auto& b) { return *a < *b; };
    goro::parallel_sort(pointers.begin(), pointers.end(), less);
    EXPECT_TRUE(std::ranges::is_sorted(pointers, less));
  });
}

TEST_P(Parallel, StableSortKeepsTheOrderOfEqualElements) {
  run([] {
    std::vector<std::pair<int, int>> numbers;
    for (const int x : random_numbers(50'000, 100)) numbers.emplace_back(x, static_cast<int>(numbers.size()));
    goro::parallel_stable_sort(numbers.begin(), numbers.end(),
                               [](const auto& a, const auto& b) { return a.first < b.first; });
    EXPECT_TRUE(std::ranges::is_sorted(numbers));
  });
}

TEST_P(Parallel, SortThatThrowsHasEndedAndLeaksNothing) {
  run([] {
    for (const int stop_at : {1, 1000, 100'000}) {
      std::vector<std::unique_ptr<int>> pointers;
      for (const int x : random_numbers(20'000, 1'000'000)) pointers.push_back(std::make_unique<int>(x));
      std::atomic<int> comparisons{0};
      const auto less = [&](const auto& a, const auto& b) {
        if (++comparisons == stop_at) throw std::runtime_error("enough");
        return a != nullptr && (b == nullptr || *a < *b);
      };
      EXPECT_THROW(goro::parallel_sort(pointers.begin(), pointers.end(), less), std::runtime_error);
      const int when_it_ended = comparisons;
      goro::gosched();
      EXPECT_EQ(comparisons, when_it_ended);
    }
  });
}

TEST_P(Parallel, AllOfItWorksFromPlainThreads) {
  run([] {
    goro::blocking([] {
      std::thread([] {
        std::atomic<int> sum{0};
        goro::parallel_for(0, 100, [&](int i) { sum += i; });
        EXPECT_EQ(sum, 4950);
        std::vector<int> numbers = random_numbers(10'000, 1000);
        goro::parallel_sort(numbers.begin(), numbers.end());
        EXPECT_TRUE(std::ranges::is_sorted(numbers));
      }).join();
    });
  });
}

int fib(int n) {
  if (n < 2) return n;
  auto one = goro::async([n] { return fib(n - 1); });
  const int other = fib(n - 2);
  return one.get() + other;
}

TEST_P(Parallel, AsyncForksAndJoinsToAnyDepth) {
  run([] { EXPECT_EQ(fib(15), 610); });
}

}  // namespace
