// SPDX-License-Identifier: BSL-1.0
#include <string>
#include <vector>

#include <goro/context.hpp>
#include <goro/rate.hpp>

#include "harness.hpp"

namespace {

using namespace std::chrono_literals;

/// Every goroutine asks the same limiter, as BenchmarkAllowN does.
template <class Ask>
void ask_all(benchmark::State& state, Ask ask) {
  run_all(state, [&](count n) {
    run_parallel(n, [&](worker_share share) {
      while (share.next()) benchmark::DoNotOptimize(ask());
    });
  });
}

template <class Limiter>
void allow(benchmark::State& state, Limiter& limiter) {
  ask_all(state, [&] { return limiter.allow(); });
}

void BM_AllowN(benchmark::State& state) {
  goro::token_bucket limiter(1, 1);
  const auto now = goro::clock::now();
  ask_all(state, [&] { return limiter.allow(now, 1); });
}

void BM_TokenBucketAllows(benchmark::State& state) {
  goro::token_bucket limiter(1e12, 1'000'000'000);
  allow(state, limiter);
}
void BM_TokenBucketRefuses(benchmark::State& state) {
  goro::token_bucket limiter(1, 1);
  allow(state, limiter);
}
void BM_LeakyBucketAllows(benchmark::State& state) {
  goro::leaky_bucket limiter(1e12, 1'000'000'000);
  allow(state, limiter);
}
void BM_FixedWindowAllows(benchmark::State& state) {
  goro::fixed_window limiter(1'000'000'000, 1s);
  allow(state, limiter);
}
void BM_SlidingWindowAllows(benchmark::State& state) {
  goro::sliding_window limiter(1'000'000'000, 1ms);
  allow(state, limiter);
}

void BM_WaitNoDelay(benchmark::State& state) {
  goro::token_bucket limiter(1e12, 1'000'000'000);
  const auto ctx = goro::context::background();
  ask_all(state, [&] { return limiter.wait(ctx); });
}

/// As many clients as the second argument says, in turn.
void BM_KeyedAllows(benchmark::State& state) {
  const auto clients = static_cast<std::size_t>(state.range(1));
  goro::keyed<goro::token_bucket, std::uint64_t> limiter(1e6, 1000, 2 * clients);
  run_all(state, [&](count n) {
    run_parallel(n, [&](worker_share share) {
      std::uint64_t client = 0;
      while (share.next()) benchmark::DoNotOptimize(limiter.allow(client++ % clients));
    });
  });
}

BENCHMARK(BM_AllowN)->Apply(on_one_and_two_processors);
BENCHMARK(BM_TokenBucketAllows)->Apply(on_one_and_two_processors);
BENCHMARK(BM_TokenBucketRefuses)->Apply(on_one_and_two_processors);
BENCHMARK(BM_LeakyBucketAllows)->Apply(on_one_and_two_processors);
BENCHMARK(BM_FixedWindowAllows)->Apply(on_one_and_two_processors);
BENCHMARK(BM_SlidingWindowAllows)->Apply(on_one_and_two_processors);
BENCHMARK(BM_WaitNoDelay)->Apply(on_one_and_two_processors);
BENCHMARK(BM_KeyedAllows)
    ->ArgNames({"procs", "clients"})
    ->ArgsProduct({{1, 2}, {1'000, 1'000'000}})
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
