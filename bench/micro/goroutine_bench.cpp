// SPDX-License-Identifier: BSL-1.0
#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "harness.hpp"

namespace {

// Each goroutine starts the next one and ends.
void start_chain(goro::chan<void> done, count left) {
  if (left == 0) {
    done.send();
    return;
  }
  goro::go(start_chain, std::move(done), left - 1);
}

void create_in_chains(benchmark::State& state, int chains) {
  run_all(state, [chains](count n) {
    const auto done = goro::make_chan<void>();
    for (int c = 0; c < chains; ++c) goro::go(start_chain, done, n / chains);
    for (int c = 0; c < chains; ++c) done.recv();
  });
}
void BM_CreateGoroutines(benchmark::State& state) { create_in_chains(state, 1); }
void BM_CreateGoroutinesParallel(benchmark::State& state) { create_in_chains(state, static_cast<int>(state.range(0))); }

void BM_CreateGoroutinesCapture(benchmark::State& state) {
  run_all(state, [](count n) {
    for (count i = 0; i < n; ++i) {
      constexpr int goroutines = 4;
      goro::wait_group group;
      group.add(goroutines);
      for (int g = 0; g < goroutines; ++g) {
        goro::go([&group, g] {
          int captured = g;
          benchmark::DoNotOptimize(captured);
          group.done();
        });
      }
      group.wait();
    }
  });
}

// All started by one goroutine: the other processors have to steal.
void BM_CreateGoroutinesSingle(benchmark::State& state) {
  run_all(state, [](count n) {
    goro::wait_group group;
    group.add(static_cast<int>(n));
    for (count i = 0; i < n; ++i) goro::go([&group] { group.done(); });
    group.wait();
  });
}

// Two goroutines play ping-pong on one processor beside a third one that polls all the time.
void BM_PingPongHog(benchmark::State& state) {
  goro::run({.max_procs = 1}, [&] {
    const auto ping = goro::make_chan<bool>();
    const auto pong = goro::make_chan<bool>();
    const auto stop = goro::make_chan<void>();
    goro::wait_group group;
    group.go([&] {
      while (goro::select(goro::recv(stop), goro::otherwise) != 0) {
      }
    });
    group.go([&] {
      while (const auto ball = ping.recv()) pong.send(*ball);
    });
    for (auto _ : state) {
      ping.send(true);
      (void)pong.recv();
    }
    ping.close();
    stop.close();
    group.wait();
  });
}

BENCHMARK(BM_CreateGoroutines)->Apply(on_one_and_two_processors);
BENCHMARK(BM_CreateGoroutinesParallel)->Apply(on_one_and_two_processors);
BENCHMARK(BM_CreateGoroutinesCapture)->Apply(on_one_and_two_processors);
BENCHMARK(BM_CreateGoroutinesSingle)->Apply(on_one_and_two_processors);
BENCHMARK(BM_PingPongHog)->UseRealTime()->MeasureProcessCPUTime();

}  // namespace
