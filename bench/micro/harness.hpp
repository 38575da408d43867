// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

#include <goro/go.hpp>
#include <goro/sync.hpp>

// The benchmarks of Go's runtime package under Go's names: BM_X here is BenchmarkX there. They count their operations
// themselves, as Go's do with b.N.

using count = std::int64_t;

// Runs body(n) as the main goroutine, n being Go's b.N, with as many processors as the benchmark's argument says.
template <class Body>
void run_all(benchmark::State& state, Body body) {
  goro::run({.max_procs = static_cast<int>(state.range(0))}, [&] {
    while (state.KeepRunningBatch(state.max_iterations)) body(static_cast<count>(state.max_iterations));
  });
  state.SetItemsProcessed(static_cast<count>(state.iterations()));
}

// Go's testing.PB: each worker takes iterations from the common stock in batches.
class worker_share {
 public:
  worker_share(std::atomic<count>& stock, count batch) : stock_(stock), batch_(batch) {}

  bool next() {
    if (left_ == 0) left_ = std::clamp<count>(stock_.fetch_sub(batch_, std::memory_order_relaxed), 0, batch_);
    if (left_ == 0) return false;
    --left_;
    return true;
  }

 private:
  std::atomic<count>& stock_;
  count batch_;
  count left_ = 0;
};

// Go's b.RunParallel: body(share) in a goroutine for every processor, until the stock is used up.
template <class Body>
void run_parallel(count n, Body body) {
  std::atomic<count> stock{n};
  const int workers = goro::gomaxprocs();
  const count batch = std::clamp<count>(n / (workers * 100), 1, 10'000);
  goro::wait_group group;
  for (int w = 0; w < workers; ++w) {
    group.add();
    goro::go([&] {
      body(worker_share(stock, batch));
      group.done();
    });
  }
  group.wait();
}

// A goroutine goes from thread to thread, so only the wall clock and the CPU time of the whole process mean anything.
inline void on_one_and_two_processors(benchmark::internal::Benchmark* b) {
  b->ArgName("procs")->Arg(1)->Arg(2)->UseRealTime()->MeasureProcessCPUTime();
}
