// SPDX-License-Identifier: BSL-1.0
#include "common/fork_join.hpp"

#include <functional>

#include <goro/parallel.hpp>

#include "rows.hpp"

namespace {

std::int64_t parallel_fib(int n, int cut_off) {
  if (n <= cut_off) return fib(n);
  goro::future<std::int64_t> x = goro::async(parallel_fib, n - 1, cut_off);
  const std::int64_t y = parallel_fib(n - 2, cut_off);
  return x.get() + y;
}

constexpr row rows[] = {
    {"fib_20", "ms", [](int n) { return milliseconds_for_fib_32(n, 20, parallel_fib); }},
    {"fib_10", "ms", [](int n) { return milliseconds_for_fib_32(n, 10, parallel_fib); }},
    {"sort_10m", "ms",
     [](int n) {
       return milliseconds_to_sort_10_million(
           n, [](std::vector<double>& numbers) { goro::parallel_sort(numbers.begin(), numbers.end()); });
     }},
    {"pi", "ms",
     [](int n) {
       return milliseconds_for_pi(
           n, [] { return goro::parallel_reduce(0, pi_steps, 0.0, std::plus<>(), [](int i) { return pi_step(i); }); });
     }},
};

}  // namespace

std::span<const row> fork_join_rows() { return rows; }
