// SPDX-License-Identifier: BSL-1.0
// main() of every test program: GoogleTest's, unless run_child() started it.
#include <gtest/gtest.h>

#include <string_view>

#include "child_main.hpp"

int main(int argc, char** argv) {
  if (argc > 1 && std::string_view(argv[1]).starts_with(child_flag)) {
    return child_main(argv[1] + child_flag.size(), {argv + 2, argv + argc});
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
