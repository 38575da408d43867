// SPDX-License-Identifier: BSL-1.0
// What a wait costs its callers: the returns behind a switch (docs/decisions/0010).
#include <goro/chan.hpp>

#include "harness.hpp"

namespace {

using messages = goro::chan<std::int64_t>;

/// Receives behind so many calls, of functions that nobody with another `Side` has.
template <int Calls, int Side>
[[gnu::noinline]] std::int64_t receive(const messages& ch) {
  std::int64_t value = Side;
  if constexpr (Calls == 0) {
    ch >> value;
  } else {
    value = receive<Calls - 1, Side>(ch);
  }
  benchmark::DoNotOptimize(value);  // or the call would be a jump
  return value;
}

// A round trip between two goroutines, by the same functions or by functions of their own.
template <int Calls, int OtherSide>
void BM_PingPongBehindCalls(benchmark::State& state) {
  run_all(state, [](count n) {
    const auto ping = goro::make_chan<std::int64_t>();
    const auto pong = goro::make_chan<std::int64_t>();
    goro::go([=] {
      for (count i = 0; i < n; ++i) pong.send(receive<Calls, OtherSide>(ping));
    });
    for (count i = 0; i < n; ++i) {
      ping.send(i);
      benchmark::DoNotOptimize(receive<Calls, 0>(pong));
    }
  });
}

}  // namespace

BENCHMARK(BM_PingPongBehindCalls<0, 0>)->Name("BM_PingPongBehindCalls/none/same")->Apply(on_one_and_two_processors);
BENCHMARK(BM_PingPongBehindCalls<0, 1>)->Name("BM_PingPongBehindCalls/none/own")->Apply(on_one_and_two_processors);
BENCHMARK(BM_PingPongBehindCalls<6, 0>)->Name("BM_PingPongBehindCalls/six/same")->Apply(on_one_and_two_processors);
BENCHMARK(BM_PingPongBehindCalls<6, 1>)->Name("BM_PingPongBehindCalls/six/own")->Apply(on_one_and_two_processors);
