// SPDX-License-Identifier: BSL-1.0
// GORO_MAXPROCS that says nothing useful.
#include <goro/goro.hpp>

#include <cstdio>
#include <string>

#include "last_words.hpp"

namespace {

using testing::HasSubstr;

GORO_CHILD(print_procs) {
  std::printf("%d\n", goro::gomaxprocs());
  return 0;
}

child_result with_max_procs(const std::string& value) {
  return run_child("print_procs", {}, {.env = {{"GORO_MAXPROCS", value}}});
}

TEST(Environment, AMaxProcsThatIsNoPositiveNumberEndsWithItsNameAndValue) {
  for (const char* value : {"-1", "0", "many", "2x", "1.5", " ", "0x4z"}) {
    const auto child = with_max_procs(value);
    expect_last_words(child, "goro: GORO_MAXPROCS=\"" + std::string(value) + "\"");
    EXPECT_EQ(child.out, "");
  }
}

TEST(Environment, AMaxProcsThatIsEmptyIsAsGoodAsUnset) {
  const auto child = with_max_procs("");
  EXPECT_EQ(child.exit_status, 0);
  EXPECT_THAT(child.err, testing::IsEmpty());
}

TEST(Environment, AMaxProcsBeyondTheLargestIsAcceptedAndBounded) {
  for (const char* value : {"5000", "99999999999999999999"}) {
    const auto child = with_max_procs(value);
    EXPECT_EQ(child.exit_status, 0) << child.err;
    EXPECT_THAT(child.out, testing::MatchesRegex("[1-9][0-9]*\n"));
  }
}

}  // namespace
