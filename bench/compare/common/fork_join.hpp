// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "common/row.hpp"

// The work that fork-join libraries are given, each dividing it in its own way.

inline std::int64_t fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }

// `parallel_fib(n, cut_off)` computes fib(n) with a task for every other call above the cut-off.
template <class ParallelFib>
double milliseconds_for_fib_32(int rounds, int cut_off, ParallelFib parallel_fib) {
  return milliseconds(per_round(rounds, [&] {
    if (parallel_fib(32, cut_off) != 2'178'309) fail("fib: wrong number");
  }));
}

template <class ParallelSort>
double milliseconds_to_sort_10_million(int rounds, ParallelSort parallel_sort) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> value;
  std::vector<double> unsorted(10'000'000);
  for (double& x : unsorted) x = value(random);
  double total = 0;
  for (int i = 0; i <= rounds; ++i) {
    std::vector<double> numbers = unsorted;
    const double start = busy_now();
    parallel_sort(numbers);
    if (i > 0) total += busy_now() - start;
    if (!std::ranges::is_sorted(numbers)) fail("sort: not sorted");
  }
  return milliseconds(total / rounds);
}

inline constexpr int pi_steps = 20'000'000;

inline double pi_step(int i) {
  const double x = (i + 0.5) / pi_steps;
  return 4 / (1 + x * x);
}

// `sum_of_steps()` adds up all pi_step(i).
template <class SumOfSteps>
double milliseconds_for_pi(int rounds, SumOfSteps sum_of_steps) {
  return milliseconds(per_round(rounds, [&] {
    const double pi = sum_of_steps() / pi_steps;
    if (pi < 3.14159265 || pi > 3.14159266) fail("pi: wrong number");
  }));
}
