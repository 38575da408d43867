// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <string>
#include <vector>

// Runs a program to its end, or kills it after two minutes. Its standard output; nothing if it did not end with 0.
// Its standard error is ours.
std::optional<std::string> output_of(const std::vector<std::string>& command);

struct measurement {
  double value = 0;
  std::string unit;
};

// Runs `program ROW --procs N --n ITERATIONS --clock CLOCK` and reads the line that it prints.
std::optional<measurement> measure(const std::string& program, const std::string& row, int procs, int n,
                                   const std::string& clock);
