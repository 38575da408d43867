// SPDX-License-Identifier: BSL-1.0
// For what ends a process: a test runs the body in a child of its own test program and looks at how that ended.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

struct child_options {
  std::vector<std::pair<std::string, std::string>> env{};  ///< set in the child, in addition to ours
  std::chrono::seconds timeout{20};                        ///< times slowdown(); then the child gets a SIGQUIT
};

struct child_result {
  int exit_status = -1;    ///< -1 if a signal ended it
  int signal = 0;          ///< the signal that ended it, or 0
  bool timed_out = false;
  std::string out;
  std::string err;
};

/// Runs the body GORO_CHILD(name) of this test program in a new process and waits for its end.
child_result run_child(const std::string& name, const std::vector<std::string>& args = {},
                       const child_options& options = {});

using child_body = int (*)(const std::vector<std::string>& args);

struct child_registration {
  child_registration(const char* name, child_body body);
};

/// GORO_CHILD(name) { ... return 0; }: a body that only runs in a child process. It sees its arguments as `args`.
#define GORO_CHILD(name)                                                                     \
  static int goro_child_##name(const std::vector<std::string>& args);                        \
  static const child_registration goro_child_registration_##name(#name, &goro_child_##name); \
  static int goro_child_##name([[maybe_unused]] const std::vector<std::string>& args)
