// SPDX-License-Identifier: BSL-1.0
// Work that starts in one place and is stolen from there, while the number of processors changes: every task runs
// exactly once, and nobody is forgotten in a queue.
#include <atomic>
#include <memory>
#include <vector>

#include "stress.hpp"

namespace {

void burst(stress::choices& pick) {
  const int n = pick.between(1, 2000);
  const auto runs = std::make_unique<std::atomic<int>[]>(static_cast<std::size_t>(n));
  goro::wait_group wg;
  for (int i = 0; i < n; ++i) {
    wg.go([&runs, i, work = pick.one_in(20) ? pick.between(1, 200) : 0] {
      stress::spin_for(std::chrono::microseconds(work));
      ++runs[static_cast<std::size_t>(i)];
    });
    if (pick.one_in(300)) goro::gosched();
  }
  wg.wait();
  for (int i = 0; i < n; ++i) STRESS_CHECK(runs[static_cast<std::size_t>(i)] == 1);
}

/// Fork and join, each level in goroutines of its own.
std::int64_t sum_to(std::int64_t low, std::int64_t high) {
  if (high - low < 64) {
    std::int64_t sum = 0;
    for (std::int64_t i = low; i < high; ++i) sum += i;
    return sum;
  }
  const std::int64_t middle = (low + high) / 2;
  std::int64_t left = 0, right = 0;
  goro::wait_group wg;
  wg.go([&] { left = sum_to(low, middle); });
  wg.go([&] { right = sum_to(middle, high); });
  wg.wait();
  return left + right;
}

void fork_join(stress::choices& pick) {
  const std::int64_t n = pick.between(1, 50'000);
  STRESS_CHECK(sum_to(0, n) == n * (n - 1) / 2);
}

void change_processors(stress::choices& pick) {
  const int original = goro::gomaxprocs();
  std::atomic<bool> stop{false};
  goro::wait_group wg;
  for (int i = 0; i < 4; ++i) {
    wg.go([&] {
      while (!stop) {
        goro::wait_group inner;
        for (int task = 0; task < 20; ++task) inner.go([] { goro::gosched(); });
        inner.wait();
      }
    });
  }
  for (int i = pick.between(1, 20); i > 0; --i) {
    goro::gomaxprocs(pick.between(1, 2 * original));
    goro::gosched();
  }
  stop = true;
  wg.wait();
  goro::gomaxprocs(original);
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("steal", argc, argv, [](stress::choices& pick) {
    switch (pick.between(0, 2)) {
      case 0: return burst(pick);
      case 1: return fork_join(pick);
      default: return change_processors(pick);
    }
  });
}
