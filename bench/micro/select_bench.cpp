// SPDX-License-Identifier: BSL-1.0
#include <goro/chan.hpp>
#include <goro/select.hpp>
#include <goro/time.hpp>

#include <chrono>

#include "harness.hpp"

namespace {

using channel = goro::chan<std::int64_t>;

// Takes the value from whichever of the two has it and puts it into the other.
void pass_between(const channel& a, const channel& b, worker_share share) {
  while (share.next()) {
    switch (goro::select(goro::recv(a), goro::recv(b))) {
      case 0: b.send(0); break;
      case 1: a.send(0); break;
    }
  }
}

void BM_SelectUncontended(benchmark::State& state) {
  run_all(state, [](count n) {
    run_parallel(n, [](worker_share share) {
      const auto a = goro::make_chan<std::int64_t>(1);
      const auto b = goro::make_chan<std::int64_t>(1);
      a.send(0);
      pass_between(a, b, share);
    });
  });
}

void BM_SelectSyncContended(benchmark::State& state) {
  run_all(state, [](count n) {
    const auto a = goro::make_chan<std::int64_t>();
    const auto b = goro::make_chan<std::int64_t>();
    const auto c = goro::make_chan<std::int64_t>();
    const auto done = goro::make_chan<void>();
    goro::wait_group senders;
    run_parallel(n, [&](worker_share share) {
      senders.add();
      goro::go([&] {
        while (goro::select(goro::send(a, 0), goro::send(b, 0), goro::send(c, 0), goro::recv(done)) != 3) {
        }
        senders.done();
      });
      while (share.next()) goro::select(goro::recv(a), goro::recv(b), goro::recv(c));
    });
    done.close();
    senders.wait();
  });
}

void BM_SelectAsyncContended(benchmark::State& state) {
  run_all(state, [](count n) {
    const auto a = goro::make_chan<std::int64_t>(goro::gomaxprocs());
    const auto b = goro::make_chan<std::int64_t>(goro::gomaxprocs());
    run_parallel(n, [&](worker_share share) {
      a.send(0);
      pass_between(a, b, share);
    });
  });
}

void BM_SelectNonblock(benchmark::State& state) {
  run_all(state, [](count n) {
    const auto empty = goro::make_chan<std::int64_t>();
    const auto unready = goro::make_chan<std::int64_t>();
    const auto empty_buffer = goro::make_chan<std::int64_t>(1);
    const auto full_buffer = goro::make_chan<std::int64_t>(1);
    run_parallel(n, [&](worker_share share) {
      while (share.next()) {
        goro::select(goro::recv(empty), goro::otherwise);
        goro::select(goro::send(unready, 0), goro::otherwise);
        goro::select(goro::recv(empty_buffer), goro::otherwise);
        goro::select(goro::send(full_buffer, 0), goro::otherwise);
      }
    });
  });
}

void local_work() {
  int foo = 0;
  for (int i = 0; i < 100; ++i) {
    foo *= 2;
    benchmark::DoNotOptimize(foo);
    foo /= 2;
  }
}

// Producers and consumers that could at any time be stopped by a timer or by a closed channel, but are not.
void BM_SelectProdCons(benchmark::State& state) {
  run_all(state, [](count n) {
    using namespace std::chrono_literals;
    constexpr count calls_per_turn = 1000;
    const int pairs = goro::gomaxprocs();
    std::atomic<count> turns{n / calls_per_turn};
    const auto done = goro::make_chan<void>(2 * pairs);
    const auto ch = goro::make_chan<std::int64_t>(128);
    const auto closing = goro::make_chan<void>();
    for (int p = 0; p < pairs; ++p) {
      goro::go([&] {
        const auto timeout = goro::after(1h);
        while (turns.fetch_sub(1) > 0) {
          for (count call = 0; call < calls_per_turn; ++call) {
            local_work();
            goro::select(goro::send(ch, 1), goro::recv(timeout), goro::recv(closing));
          }
        }
        ch.send(0);
        done.send();
      });
      goro::go([&] {
        const auto timeout = goro::after(1h);
        std::int64_t v = 0;
        while (goro::select(goro::recv(ch, v), goro::recv(timeout), goro::recv(closing)) != 0 || v != 0) local_work();
        done.send();
      });
    }
    for (int p = 0; p < 2 * pairs; ++p) done.recv();
  });
}

BENCHMARK(BM_SelectUncontended)->Apply(on_one_and_two_processors);
BENCHMARK(BM_SelectSyncContended)->Apply(on_one_and_two_processors);
BENCHMARK(BM_SelectAsyncContended)->Apply(on_one_and_two_processors);
BENCHMARK(BM_SelectNonblock)->Apply(on_one_and_two_processors);
BENCHMARK(BM_SelectProdCons)->Apply(on_one_and_two_processors);

}  // namespace
