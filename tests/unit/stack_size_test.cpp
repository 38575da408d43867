// SPDX-License-Identifier: BSL-1.0
// What a goroutine may use of its stack: as much as was asked for, whatever that is rounded to.
#include <cstddef>
#include <vector>

#include <goro/goro.hpp>

#include "goro_test.hpp"

namespace {

struct StackSize : on_procs {};
GORO_ON_PROCS(StackSize);

/// Touches every page of a frame of so many bytes, from the top down; how many those were.
template <std::size_t Size>
[[gnu::noinline]] std::size_t use_stack() {
  volatile char frame[Size];
  std::size_t touched = 0;
  for (std::size_t at = Size; at > 4096; at -= 4096) {
    frame[at - 1] = 1;
    touched += static_cast<std::size_t>(frame[at - 1]);
  }
  return touched;
}

constexpr std::size_t frames_of_callers = 8 * 1024;

template <std::size_t Size>
std::size_t use_all_of(std::size_t asked) {
  std::size_t touched = 0;
  goro::wait_group done;
  done.add();
  goro::go({.stack_size = asked}, [&] {
    touched = use_stack<Size - frames_of_callers>();
    done.done();
  });
  done.wait();
  return touched;
}

TEST_P(StackSize, IsAQuarterOfAMebibyteByDefault) {
  run([] { EXPECT_EQ(use_all_of<256 * 1024>(0), 61U); });
}

TEST_P(StackSize, IsAtLeastWhatWasAskedFor) {
  run([] {
    EXPECT_EQ(use_all_of<128 * 1024>(128 * 1024), 29U);
    EXPECT_EQ(use_all_of<256 * 1024>(256 * 1024), 61U);
    EXPECT_EQ(use_all_of<257 * 1024>(257 * 1024), 62U);
    EXPECT_EQ(use_all_of<1024 * 1024>(1024 * 1024), 253U);
  });
}

}  // namespace
