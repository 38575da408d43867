// SPDX-License-Identifier: BSL-1.0
#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_reduce.h>
#include <oneapi/tbb/parallel_sort.h>
#include <oneapi/tbb/task_arena.h>
#include <oneapi/tbb/task_group.h>
#include <oneapi/tbb/version.h>

#include <functional>
#include <string>

#include "common/fork_join.hpp"
#include "common/program.hpp"

namespace {

std::int64_t parallel_fib(int n, int cut_off) {
  if (n <= cut_off) return fib(n);
  std::int64_t x = 0;
  tbb::task_group group;
  group.run([&x, n, cut_off] { x = parallel_fib(n - 1, cut_off); });
  const std::int64_t y = parallel_fib(n - 2, cut_off);
  group.wait();
  return x + y;
}

double sum_of_steps() {
  return tbb::parallel_reduce(
      tbb::blocked_range(0, pi_steps), 0.0,
      [](const tbb::blocked_range<int>& part, double sum) {
        for (int i = part.begin(); i < part.end(); ++i) sum += pi_step(i);
        return sum;
      },
      std::plus<>());
}

constexpr row rows[] = {
    {"fib_20", "ms", [](int n) { return milliseconds_for_fib_32(n, 20, parallel_fib); }},
    {"fib_10", "ms", [](int n) { return milliseconds_for_fib_32(n, 10, parallel_fib); }},
    {"sort_10m", "ms",
     [](int n) {
       return milliseconds_to_sort_10_million(
           n, [](std::vector<double>& numbers) { tbb::parallel_sort(numbers.begin(), numbers.end()); });
     }},
    {"pi", "ms", [](int n) { return milliseconds_for_pi(n, sum_of_steps); }},
};

}  // namespace

int main(int argc, char** argv) {
  const program self{
      .name = "tbb_compare",
      .version = TBB_VERSION_STRING,
      .rows = {rows},
      .with_procs =
          [](const row&, int procs, const auto& work) {
            const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                            static_cast<std::size_t>(procs));
            tbb::task_arena(procs).execute(work);
          },
  };
  return run_program(self, argc, argv);
}
