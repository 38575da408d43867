// SPDX-License-Identifier: BSL-1.0
#include <ctime>

#include <chrono>

#include <goro/chan.hpp>
#include <goro/go.hpp>

#include "harness.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

void spin(nanoseconds d) {
  const auto end = std::chrono::steady_clock::now() + d;
  while (std::chrono::steady_clock::now() < end) {
  }
}

void system_call(nanoseconds d) {
  goro::blocking([d] {
    const timespec time{.tv_sec = 0, .tv_nsec = d.count()};
    return nanosleep(&time, nullptr);
  });
}

// Two goroutines in turn wait for a message and send one. The sender is busy for 5 us longer than the receiver, who
// therefore is blocked when the message comes. If the two run in parallel, an iteration takes twice (delay + 5 us +
// the time to wake the other); if they share a processor, four times the delay.
void wake_up_in_turn(benchmark::State& state, void (*busy_for)(nanoseconds)) {
  constexpr nanoseconds longer = 5us;
  const nanoseconds delay = std::chrono::microseconds(state.range(0));
  goro::run({.max_procs = 2}, [&] {
    const auto ping = goro::make_chan<void>();
    const auto pong = goro::make_chan<void>();
    goro::go([=] {
      for (;;) {
        busy_for(delay);
        if (!ping.recv()) break;
        busy_for(delay + longer);
        pong.send();
      }
      pong.close();
    });
    for (auto _ : state) {
      busy_for(delay + longer);
      ping.send();
      busy_for(delay);
      pong.recv();
    }
    ping.close();
    pong.recv();
  });
}
void BM_WakeupParallelSpinning(benchmark::State& state) { wake_up_in_turn(state, spin); }
void BM_WakeupParallelSyscall(benchmark::State& state) { wake_up_in_turn(state, system_call); }

void delays(benchmark::internal::Benchmark* b) {
  b->ArgName("us");
  for (const int microseconds : {0, 1, 2, 5, 10, 20, 50, 100}) b->Arg(microseconds);
  b->UseRealTime()->MeasureProcessCPUTime();
}

BENCHMARK(BM_WakeupParallelSpinning)->Apply(delays);
BENCHMARK(BM_WakeupParallelSyscall)->Apply(delays);

}  // namespace
