// SPDX-License-Identifier: BSL-1.0
// Deep recursion with large frames, scope guards and goroutines started from the depth.
#include <goro/goro.hpp>

#include <array>
#include <cstddef>
#include <numeric>
#include <stdexcept>

#include "goro_test.hpp"

namespace {

struct GoStack : on_procs {};
GORO_ON_PROCS(GoStack);

using frame = std::array<int, 20>;

void expect_untouched(const frame& numbers) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    if (numbers[i] != static_cast<int>(i)) throw std::logic_error("a frame was overwritten");
  }
}

void throw_and_catch() {
  try {
    throw std::runtime_error("foo");
  } catch (const std::runtime_error&) {
  }
}

int descend(int depth, goro::chan<int> answers) {
  frame numbers;
  std::iota(numbers.begin(), numbers.end(), 0);
  goro::defer check{[&] { expect_untouched(numbers); }};
  if (depth == 0) return numbers[19];
  if (depth % 10 == 0) {
    goro::go([=](int value) { answers << value + numbers[3]; }, depth);
    if (answers.recv() != depth + 3) throw std::logic_error("wrong answer");
    throw_and_catch();
  }
  return descend(depth - 1, answers) + 1;
}

TEST_P(GoStack, GO03_GoDeferAndClosuresWorkAtEightThousandLevelsOfRecursion) {
  run([] {
    auto result = goro::make_chan<int>();
    goro::go({.name = "deep", .stack_size = std::size_t{64} << 20},
             [=] { result << descend(8000, goro::make_chan<int>()); });
    EXPECT_EQ(result.recv(), 8000 + 19);
  });
}

}  // namespace
