// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fstream>
#include <string>

#include "common/row.hpp"

// A field of /proc/self/status, which the kernel gives in KiB.
inline double status_bytes(std::string_view field) {
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word) {
    if (word != field) continue;
    double kib = 0;
    status >> kib;
    return kib * 1024;
  }
  fail("no " + std::string(field) + " in /proc/self/status");
}
