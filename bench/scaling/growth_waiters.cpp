// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <mutex>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/select.hpp>
#include <goro/sync.hpp>

#include "growth.hpp"

namespace {

// n goroutines wait at a gate; from its release until all have ended.
template <class Gate>
double let_go(std::int64_t n) {
  return in_prepared_rounds(n, [n] {
    Gate gate;
    goro::wait_group group;
    std::int64_t begun = 0;
    for (std::int64_t i = 0; i < n; ++i) {
      group.go([&] {
        ++begun;
        gate.wait();
      });
    }
    while (begun < n) goro::gosched();
    const double start = cpu_now();
    gate.release();
    group.wait();
    return cpu_now() - start;
  });
}

struct locked_mutex {
  locked_mutex() { mu.lock(); }
  void wait() { const std::lock_guard hold(mu); }
  void release() { mu.unlock(); }
  goro::mutex mu;
};

struct busy_group {
  busy_group() { group.add(); }
  void wait() { group.wait(); }
  void release() { group.done(); }
  goro::wait_group group;
};

struct open_channel {
  void wait() { c.recv(); }
  void release() { c.close(); }
  goro::chan<void> c = goro::make_chan<void>();
};

// Signal wakes the one that has waited longest; it waits again.
double cond(std::int64_t n) {
  goro::mutex mu;
  goro::cond turn;
  goro::wait_group group;
  std::atomic<std::int64_t> begun{0};
  bool over = false;
  for (std::int64_t i = 0; i < n; ++i) {
    group.go([&] {
      std::unique_lock lock(mu);
      ++begun;
      while (!over) turn.wait(lock);
    });
  }
  while (begun < n) goro::gosched();
  const double ns = in_rounds(n, [&] {
    for (std::int64_t i = 0; i < n; ++i) {
      turn.signal();
      goro::gosched();
    }
  });
  {
    const std::lock_guard lock(mu);
    over = true;
  }
  turn.broadcast();
  group.wait();
  return ns;
}

// Each waits for a channel of its own and for one that all wait for; it is the own one that wakes it.
double select(std::int64_t n) {
  const auto common = goro::make_chan<void>();
  std::vector<goro::chan<std::int64_t>> own(static_cast<std::size_t>(n));
  goro::wait_group group;
  for (auto& c : own) {
    c = goro::make_chan<std::int64_t>();
    group.go([&common, &c] {
      while (goro::select(goro::recv(c), goro::recv(common)) == 0) {
      }
    });
  }
  const double ns = in_rounds(n, [&] {
    for (auto& c : own) {
      c.send(1);
      goro::gosched();
    }
  });
  common.close();
  group.wait();
  return ns;
}

constexpr growth_row rows[] = {
    {"waiters/mutex", "n wait for a mutex: lock, unlock, end", a_goroutine, let_go<locked_mutex>},
    {"waiters/wait_group", "n wait for a group: wake, run, end", a_goroutine_twice, let_go<busy_group>},
    {"waiters/close", "n wait for a channel: close, run, end", a_goroutine_twice, let_go<open_channel>},
    {"waiters/cond", "signal the next of n, which waits again", a_goroutine, cond},
    {"waiters/select", "select: wake the next of n in a queue, wait again", a_goroutine_and_more, select},
};

}  // namespace

std::span<const growth_row> waiter_growth() { return rows; }
