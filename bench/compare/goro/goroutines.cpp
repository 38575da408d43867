// SPDX-License-Identifier: BSL-1.0
#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>

#include "rows.hpp"

namespace {

// More goroutines than processors, so that each gosched has somebody to give way to.
void yield(int n) {
  constexpr int goroutines = 8;
  goro::wait_group group;
  for (int g = 0; g < goroutines; ++g) {
    group.add();
    goro::go([&] {
      for (int i = 0; i < n / goroutines; ++i) goro::gosched();
      group.done();
    });
  }
  group.wait();
}

void spawn_in_batches(int n, int batch) {
  goro::wait_group group;
  for (int spawned = 0; spawned < n; spawned += batch) {
    for (int i = 0; i < batch; ++i) {
      group.add();
      goro::go([&] { group.done(); });
    }
    group.wait();
  }
}

// 10 000 goroutines wait for one channel; timed from closing it until the last of them has been joined; n rounds.
double close_wakes(int n) {
  constexpr int waiters = 10'000;
  double total = 0;
  for (int r = 0; r <= n; ++r) {
    const auto gate = goro::make_chan<void>();
    goro::wait_group ready;
    goro::wait_group joined;
    for (int i = 0; i < waiters; ++i) {
      ready.add();
      joined.add();
      goro::go([&] {
        ready.done();
        gate.recv();
        joined.done();
      });
    }
    ready.wait();
    const double start = busy_now();
    gate.close();
    joined.wait();
    if (r > 0) total += busy_now() - start;
  }
  return total / n / waiters;
}

constexpr row rows[] = {
    {"yield", "ns", [](int n) { return per_op(n, yield); }},
    {"spawn_batch_100", "ns", [](int n) { return per_op(n, [](int ops) { spawn_in_batches(ops, 100); }); }},
    {"spawn_batch_1000", "ns", [](int n) { return per_op(n, [](int ops) { spawn_in_batches(ops, 1000); }); }},
    {"spawn_one", "ns", [](int n) { return per_op(n, [](int ops) { spawn_in_batches(ops, 1); }); }},
    {"spawn_100k", "ns", [](int n) { return per_round(n, [] { spawn_in_batches(100'000, 100'000); }) / 100'000; }},
    {"close_wakes_10k", "ns", close_wakes},
};

}  // namespace

std::span<const row> goroutine_rows() { return rows; }
