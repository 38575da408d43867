// SPDX-License-Identifier: BSL-1.0
// What a process says when it dies of its own mistake: the message first, exit status 2, no signal, no hang.
#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "child.hpp"
#include "goro_test.hpp"

inline void expect_last_words(const child_result& child, const std::string& first_words) {
  EXPECT_FALSE(child.timed_out);
  EXPECT_EQ(child.signal, 0);
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, testing::StartsWith(first_words));
}

/// Each suite runs its children with 1, 2 and 4 processors.
struct misuse_on_procs : testing::TestWithParam<int> {
  static child_result run_here(const std::string& child, const std::vector<std::string>& args = {}) {
    return run_child(child, args, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
  }
};
