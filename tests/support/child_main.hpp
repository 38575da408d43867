// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

inline const std::string child_flag = "--goro-child=";

/// Runs the body GORO_CHILD(name): what main() does in a child process.
int child_main(const std::string& name, const std::vector<std::string>& args);
