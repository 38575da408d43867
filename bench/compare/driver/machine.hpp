// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

// How many CPUs this process may use.
int cpu_count();

// Processor, number of CPUs this process may use, kernel: one line.
std::string machine_line();

std::string load_average();

// Nanoseconds of one round trip of a cache line between two CPUs; 0 if this process may use only one. On a virtual
// machine it moves with where the host puts the two, and two-processor figures move with it.
double cache_line_round_trip();

// What the CPUs did between the construction and the question.
class cpu_use {
 public:
  cpu_use();
  struct shares {
    double others = 0;  // used by other processes
    double stolen = 0;  // used by other guests of the host
  };
  [[nodiscard]] shares so_far() const;

 private:
  struct ticks {
    double total = 0, idle = 0, stolen = 0, ours = 0;
  };
  static ticks now();
  ticks start_;
};
