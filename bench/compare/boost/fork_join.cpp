// SPDX-License-Identifier: BSL-1.0
#include "common/fork_join.hpp"

#include <boost/fiber/buffered_channel.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/fixedsize_stack.hpp>
#include <boost/fiber/future.hpp>
#include <functional>
#include <memory>
#include <vector>

#include "common/memory.hpp"
#include "rows.hpp"

namespace {

using boost::fibers::async;
using boost::fibers::fiber;
using boost::fibers::fixedsize_stack;
using boost::fibers::future;
using boost::fibers::launch;
using results = boost::fibers::buffered_channel<std::int64_t>;

// launch::dispatch starts the child at once and leaves the parent for another thread to steal, which keeps the fibers
// few.
std::int64_t parallel_fib(int n, int cut_off) {
  if (n <= cut_off) return fib(n);
  future<std::int64_t> x = async(launch::dispatch, parallel_fib, n - 1, cut_off);
  const std::int64_t y = parallel_fib(n - 2, cut_off);
  return x.get() + y;
}

double sum_of_steps() {
  constexpr int parts = 100;
  constexpr int steps = pi_steps / parts;
  std::vector<future<double>> sums;
  for (int p = 0; p < parts; ++p) {
    sums.push_back(async([p] {
      double sum = 0;
      for (int i = p * steps; i < (p + 1) * steps; ++i) sum += pi_step(i);
      return sum;
    }));
  }
  double total = 0;
  for (future<double>& sum : sums) total += sum.get();
  return total;
}

// As in the library's own performance/fiber/skynet_*_detach.cpp: small stacks (of four pages, because resolving a symbol
// of a shared library on one of the two pages there overflows it), and room for the results of all children.
void skynet(fixedsize_stack& stacks, results& result, std::int64_t num, std::int64_t size) {
  if (size == 1) {
    result.push(num);
    return;
  }
  results children(16);
  size /= 10;
  for (int i = 0; i < 10; ++i) {
    fiber(launch::dispatch, std::allocator_arg, stacks, skynet, std::ref(stacks), std::ref(children), num + i * size,
          size)
        .detach();
  }
  std::int64_t sum = 0;
  for (int i = 0; i < 10; ++i) sum += children.value_pop();
  result.push(sum);
}

void skynet_million() {
  fixedsize_stack stacks(4 * fixedsize_stack::traits_type::page_size());
  results result(2);
  skynet(stacks, result, 0, 1'000'000);
  if (result.value_pop() != 499'999'500'000) fail("skynet: wrong sum");
}

double skynet_memory(int) {
  skynet_million();
  return status_bytes("VmHWM:");
}

constexpr row rows[] = {
    {"fib_20", "ms", [](int n) { return milliseconds_for_fib_32(n, 20, parallel_fib); }},
    {"fib_10", "ms", [](int n) { return milliseconds_for_fib_32(n, 10, parallel_fib); }},
    {"pi", "ms", [](int n) { return milliseconds_for_pi(n, sum_of_steps); }},
    {"skynet", "ms", [](int n) { return milliseconds(per_round(n, skynet_million)); }},
    {"skynet_memory", "bytes", skynet_memory},
};

}  // namespace

std::span<const row> fork_join_rows() { return rows; }
