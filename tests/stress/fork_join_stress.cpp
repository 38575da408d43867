// SPDX-License-Identifier: BSL-1.0
// async, parallel_for, parallel_reduce and parallel_sort nested in each other, from goroutines and threads, with functions
// that throw, block, and leave by goexit: each result is right, and each function is called once.
#include <goro/parallel.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include "stress.hpp"

namespace {

/// A tree of futures, some of which are dropped or waited for in another way.
std::int64_t tree(stress::choices pick, int depth) {
  if (depth == 0) return 1;
  const stress::counted alive;
  auto left = goro::async([alive, p = pick.fork(), depth] { return tree(p, depth - 1); });
  auto right = goro::async([alive, p = pick.fork(), depth] { return tree(p, depth - 1); });
  if (pick.one_in(4)) goro::gosched();
  std::int64_t leaves = 0;
  switch (pick.between(0, 3)) {
    case 0: right.wait(); break;
    case 1: static_cast<void>(right.done().recv()); break;
    case 2: {
      const auto [ctx, cancel] =
          goro::context::with_timeout(goro::context::background(), std::chrono::microseconds(pick.between(0, 50)));
      STRESS_CHECK(!right.wait(ctx) || ctx.err());
      break;
    }
    default: break;
  }
  leaves += left.get();
  if (pick.one_in(10)) {
    auto never = goro::async([alive] { goro::goexit(); });
    try {
      never.get();
      STRESS_CHECK(false);
    } catch (const goro::panic&) {
    }
  }
  return leaves + right.get();
}

/// Exceptions come out of the join, and nothing goes on behind it.
void throw_in_parallel(stress::choices& pick) {
  const int n = pick.between(1, 2000);
  const int bad = pick.between(0, n - 1);
  std::atomic<int> under_way{0};
  try {
    goro::parallel_for(0, n, [&](int i) {
      ++under_way;
      const stress::counted alive;
      if (i % 64 == 0) goro::gosched();
      --under_way;
      if (i == bad) throw std::out_of_range("bad");
    });
    STRESS_CHECK(false);
  } catch (const std::out_of_range&) {
  }
  STRESS_CHECK(under_way == 0);
}

void sort_and_sum(stress::choices& pick) {
  std::vector<int> numbers(static_cast<std::size_t>(pick.between(0, 20'000)));
  const int most = pick.one_in(3) ? 3 : 1'000'000;
  for (int& x : numbers) x = pick.between(0, most);
  const std::int64_t expected = std::accumulate(numbers.begin(), numbers.end(), std::int64_t{0});
  const auto sum = [&] {
    return goro::parallel_reduce(numbers.begin(), numbers.end(), std::int64_t{0}, std::plus<>(),
                                 [](int x) { return std::int64_t{x}; });
  };
  STRESS_CHECK(sum() == expected);
  if (pick.one_in(2)) {
    goro::parallel_sort(numbers.begin(), numbers.end());
  } else {
    goro::parallel_stable_sort(numbers.begin(), numbers.end());
  }
  STRESS_CHECK(std::is_sorted(numbers.begin(), numbers.end()));
  STRESS_CHECK(sum() == expected);
}

void nested(stress::choices& pick) {
  const int outer = pick.between(1, 20);
  const int inner = pick.between(1, 50);
  std::vector<std::atomic<int>> calls(static_cast<std::size_t>(outer * inner));
  goro::parallel_for(0, outer, [&](int i) {
    goro::parallel_for(0, inner, [&](int j) { ++calls[static_cast<std::size_t>(i * inner + j)]; });
  });
  for (const auto& c : calls) STRESS_CHECK(c == 1);
}

void work(stress::choices pick) {
  switch (pick.between(0, 3)) {
    case 0: {
      const int depth = pick.between(0, 8);
      STRESS_CHECK(tree(pick.fork(), depth) == std::int64_t{1} << depth);
      return;
    }
    case 1: return throw_in_parallel(pick);
    case 2: return sort_and_sum(pick);
    default: return nested(pick);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("fork_join", argc, argv, [](stress::choices& pick) {
    goro::wait_group group;
    for (int g = pick.between(1, 3); g > 0; --g) group.go([p = pick.fork()] { work(p); });
    std::vector<std::thread> threads;
    for (int t = pick.between(0, 2); t > 0; --t) threads.emplace_back([p = pick.fork()] { work(p); });
    group.wait();
    goro::blocking([&] {
      for (auto& t : threads) t.join();
    });
  });
}
