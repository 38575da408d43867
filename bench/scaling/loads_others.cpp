// SPDX-License-Identifier: BSL-1.0
#include <chrono>
#include <mutex>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>
#include <goro/time.hpp>

#include "loads.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;

void nothing() {}

void spawn(std::int64_t n, int batch) {
  goro::wait_group group;
  for (std::int64_t spawned = 0; spawned < n; spawned += batch) {
    for (int i = 0; i < batch; ++i) {
      group.add();
      goro::go([&] { group.done(); });
    }
    group.wait();
  }
}

// Goroutines that all have a stack at the same time.
void spawn_and_park(std::int64_t n) {
  constexpr int batch = 1000;
  for (std::int64_t spawned = 0; spawned < n; spawned += batch) {
    const auto gate = goro::make_chan<void>();
    goro::wait_group begun;
    goro::wait_group group;
    begun.add(batch);
    for (int i = 0; i < batch; ++i) {
      group.go([&] {
        begun.done();
        gate.recv();
      });
    }
    begun.wait();
    gate.close();
    group.wait();
  }
}

// The lock is held across a yield, so that the others wait for it.
void contended_mutex(std::int64_t n) {
  constexpr int goroutines = 4;
  goro::mutex mu;
  goro::wait_group group;
  for (int g = 0; g < goroutines; ++g) {
    group.go([&mu, n] {
      for (std::int64_t i = 0; i < n / goroutines; ++i) {
        const std::lock_guard hold(mu);
        goro::gosched();
      }
    });
  }
  group.wait();
}

void stop_timers(std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) goro::after_func(1h, nothing).stop();
}

void reset_timer(std::int64_t n) {
  auto t = goro::after_func(1h, nothing);
  for (std::int64_t i = 0; i < n; ++i) t.reset(1h);
  t.stop();
}

void cancel_contexts(std::int64_t n) {
  const auto [parent, cancel] = context::with_cancel(context::background());
  for (std::int64_t i = 0; i < n; ++i) context::with_cancel(parent).second();
}

void use_channels_once(std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) goro::make_chan<std::int64_t>(1).send(i);
}

goro::pool<std::int64_t> all_share([] { return std::int64_t{1}; });
goro::concurrent_map<std::int64_t, std::int64_t> all_read;

void borrow(std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) all_share.put(*all_share.get());
}

void look_up(std::int64_t n) {
  all_read.store(1, 1);
  for (std::int64_t i = 0; i < n; ++i) static_cast<void>(all_read.load(1));
}

constexpr load loads[] = {
    {"spawn", "spawn, run and join 100", 200'000, [](std::int64_t n) { spawn(n, 100); }},
    {"spawn_one", "spawn one and wait for it", 100'000, [](std::int64_t n) { spawn(n, 1); }, true},
    {"spawn_park", "spawn 1000, park them, wake them", 50'000, spawn_and_park},
    {"mutex", "mutex, 4 goroutines that yield inside", 100'000, contended_mutex},
    {"timer_stop", "after_func and stop", 100'000, stop_timers},
    {"timer_reset", "reset a timer", 200'000, reset_timer},
    {"context", "with_cancel below a parent, cancel", 100'000, cancel_contexts},
    {"channel", "make, use and drop a channel", 100'000, use_channels_once},
    {"pool", "get and put, one pool for all", 500'000, borrow},
    {"map", "load a key, one map and key for all", 500'000, look_up},
};

}  // namespace

std::span<const load> other_loads() { return loads; }
