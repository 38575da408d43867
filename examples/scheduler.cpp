// SPDX-License-Identifier: BSL-1.0
// F10: the scheduler seen through its counters: M:N, run queues, stealing, hand-over, a hog, a crowd.
// Usage: scheduler [number of goroutines]
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include <goro/debug.hpp>
#include <goro/goro.hpp>

using namespace std::chrono_literals;
using goro::debug::stats;

void crowd(int n) {
  auto gate = goro::make_chan<void>();
  goro::wait_group parked;
  std::atomic<int> turns{0};
  for (int i = 0; i < n; ++i) {
    parked.go([&, gate] {
      gate.recv();
      ++turns;
    });
  }
  const auto now = stats();
  std::printf("%zu goroutines on %zu processors\n", now.goroutines, now.processors);
  std::printf("far fewer threads than goroutines: %s\n", now.threads * 10 < now.goroutines ? "yes" : "no");
  gate.close();
  parked.wait();
  std::printf("%d of them had their turn\n", turns.load());
}

void compute() {
  for (int i = 0; i < 20'000; ++i) std::atomic_signal_fence(std::memory_order_seq_cst);
}

void work_stealing() {
  const auto before = stats().steals;
  while (stats().steals == before) {  // all of it starts on one processor's run queue
    goro::wait_group wg;
    for (int i = 0; i < 100; ++i) wg.go(compute);
    wg.wait();
  }
  std::puts("an idle processor has stolen work");
}

void hand_over() {
  const auto before = stats().handoffs;
  goro::wait_group wg;
  for (int i = 0; i < 8; ++i) {
    wg.go([] { goro::blocking([] { std::this_thread::sleep_for(10ms); }); });
  }
  wg.wait();
  std::printf("%s blocked calls gave their processor away\n", stats().handoffs - before >= 8 ? "all" : "not all");
}

void a_hog_starves_nobody() {
  const auto before = stats().takeaways;
  std::atomic<bool> stop{false};
  goro::wait_group hogs;
  for (int i = 0; i < goro::gomaxprocs(); ++i) {
    hogs.go([&] {
      while (!stop) {  // a loop without a single call
      }
    });
  }
  while (stats().takeaways == before) goro::gosched();
  stop = true;
  hogs.wait();
  std::puts("a hog has lost its processor");
}

int main(int argc, char** argv) {
  const int n = argc > 1 ? std::atoi(argv[1]) : 5'000;
  return goro::run({.max_procs = 4}, [n] {
    crowd(n);
    work_stealing();
    hand_over();
    a_hog_starves_nobody();
  });
}
