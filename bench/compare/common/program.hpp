// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "common/row.hpp"

// What each program of the comparison is:
//
//   PROGRAM ROW --procs N --n ITERATIONS [--clock wall|cpu]    prints "ROW N VALUE UNIT"
//   PROGRAM --list                                             its rows
//   PROGRAM --version                                          what it was built with
struct program {
  std::string_view name;
  std::string_view version;
  std::vector<std::span<const row>> rows;
  // Calls `work`, which runs the row, with that many processors.
  std::function<void(const row& chosen, int procs, const std::function<void()>& work)> with_procs;
};

int run_program(const program& self, int argc, char** argv);

#ifdef __clang__
inline constexpr std::string_view compiler = "clang " __clang_version__;
#else
inline constexpr std::string_view compiler = "g++ " __VERSION__;
#endif
