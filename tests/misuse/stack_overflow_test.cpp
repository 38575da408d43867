// SPDX-License-Identifier: BSL-1.0
// A goroutine that overflows its stack: which one, how large the stack is, and how to raise it.
#include <goro/goro.hpp>

#include <array>
#include <cstddef>
#include <string>

#include "last_words.hpp"

namespace {

struct StackOverflow : misuse_on_procs {};
GORO_ON_PROCS(StackOverflow);

using testing::ContainsRegex;
using testing::HasSubstr;

volatile int never_zero = 1;

[[gnu::noinline]] int recurse_for_ever(int depth) {
  std::array<volatile char, 512> frame;
  for (auto& byte : frame) byte = static_cast<char>(depth);
  if (never_zero == 0) return frame[0];
  return recurse_for_ever(depth + 1) + frame[static_cast<std::size_t>(depth) % frame.size()];
}

GORO_CHILD(overflow) {
  const std::string& where = args.at(0);
  if (where == "main") return goro::run([] { return recurse_for_ever(0); });
  if (where == "small main") return goro::run({.stack_size = 128 * 1024}, [] { return recurse_for_ever(0); });
  return goro::run([&] {
    if (where == "default") goro::go([] { recurse_for_ever(0); });
    if (where == "named") goro::go({.name = "deep thinker"}, [] { recurse_for_ever(0); });
    if (where == "large") goro::go({.stack_size = std::size_t{4} << 20}, [] { recurse_for_ever(0); });
    goro::select();
  });
}

void expect_overflow_report(const child_result& child) {
  expect_last_words(child, "runtime: goroutine stack exceeds ");
  EXPECT_THAT(child.err,
              ContainsRegex("^runtime: goroutine stack exceeds [0-9]+-byte limit\nfatal error: stack overflow\n"));
  EXPECT_THAT(child.err, ContainsRegex("goroutine [0-9]+"));
  EXPECT_THAT(child.err, HasSubstr("stack_size"));
  EXPECT_THAT(child.err, HasSubstr("recurse_for_ever"));
}

TEST_P(StackOverflow, IsDiagnosedWithTheLimitAndHowToRaiseIt) {
  for (const char* where : {"default", "large"}) {
    const auto child = run_here("overflow", {where});
    expect_overflow_report(child);
    EXPECT_THAT(child.err, HasSubstr("goro::go({.stack_size = "));
  }
}

TEST_P(StackOverflow, NamesTheGoroutine) {
  const auto child = run_here("overflow", {"named"});
  expect_overflow_report(child);
  EXPECT_THAT(child.err, HasSubstr("deep thinker"));
}

TEST_P(StackOverflow, OfTheMainGoroutineIsDiagnosedToo) {
  for (const char* where : {"main", "small main"}) {
    const auto child = run_here("overflow", {where});
    expect_overflow_report(child);
    EXPECT_THAT(child.err, HasSubstr("goroutine 1"));
    EXPECT_THAT(child.err, HasSubstr("goro::run({.stack_size = "));
  }
}

int* volatile nowhere = nullptr;

GORO_CHILD(fault_elsewhere) {
  return goro::run([] {
    goro::go([] { *nowhere = 1; });
    goro::select();
  });
}

TEST_P(StackOverflow, IsNotClaimedForAnyOtherFault) {
  const auto child = run_here("fault_elsewhere");
  EXPECT_FALSE(child.timed_out);
  EXPECT_THAT(child.err, testing::Not(HasSubstr("stack overflow")));
  EXPECT_TRUE(child.signal != 0 || child.exit_status != 0);
}

}  // namespace
