// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <shared_mutex>

#include <goro/context.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>

#include "rows.hpp"

namespace {

void mutex_uncontended(int n) {
  goro::mutex mu;
  for (int i = 0; i < n; ++i) {
    const std::lock_guard lock(mu);
    last_result = last_result + 1;
  }
}

void mutex_contended(int n, int goroutines, bool yield) {
  goro::mutex mu;
  goro::wait_group group;
  for (int g = 0; g < goroutines; ++g) {
    group.add();
    goro::go([&mu, &group, rounds = n / goroutines, yield] {
      for (int i = 0; i < rounds; ++i) {
        const std::lock_guard lock(mu);
        last_result = last_result + 1;
        if (yield) goro::gosched();
      }
      group.done();
    });
  }
  group.wait();
}

void wait_group_add_done(int n) {
  goro::wait_group group;
  for (int i = 0; i < n; ++i) {
    group.add();
    group.done();
  }
  group.wait();
}

// One write for a thousand reads, in one goroutine.
void rw_mutex_read(int n) {
  goro::rw_mutex mu;
  for (int i = 0; i < n; ++i) {
    if (i % 1000 == 0) {
      const std::unique_lock lock(mu);
      last_result = last_result + 1;
    }
    const std::shared_lock lock(mu);
    last_result = last_result + 1;
  }
}

void cond_ping_pong(int n) {
  goro::mutex mu;
  goro::cond changed;
  bool ping = true;
  goro::wait_group group;
  const auto play = [&](bool mine) {
    for (int i = 0; i < n; ++i) {
      std::unique_lock lock(mu);
      changed.wait(lock, [&] { return ping == mine; });
      ping = !mine;
      changed.signal();
    }
  };
  group.go([&] { play(true); });
  group.go([&] { play(false); });
  group.wait();
}

void pool_get_put(int n) {
  goro::pool<std::unique_ptr<int>> pool([] { return std::make_unique<int>(1); });
  for (int i = 0; i < n; ++i) {
    auto object = pool.get();
    last_result = **object;
    pool.put(std::move(*object));
  }
}

void map_load(int n) {
  goro::concurrent_map<std::int64_t, std::int64_t> map;
  for (std::int64_t i = 0; i < 1000; ++i) map.store(i, i);
  for (int i = 0; i < n; ++i) last_result = *map.load(i % 1000);
}

// 64 goroutines that look up a thousand keys; every hundredth operation stores.
void map_read_mostly(int n) {
  constexpr int goroutines = 64;
  goro::concurrent_map<std::int64_t, std::int64_t> map;
  for (std::int64_t i = 0; i < 1000; ++i) map.store(i, i);
  std::atomic<std::int64_t> total = 0;
  goro::wait_group group;
  for (int g = 0; g < goroutines; ++g)
    group.go([&map, &total, n, g] {
      std::int64_t sum = 0;
      for (int i = g; i < n / goroutines + g; ++i) {
        if (i % 100 == 0) map.store(i % 1000, i);
        sum += *map.load(i % 1000);
      }
      total += sum;
    });
  group.wait();
  last_result = total;
}

// Groups of ten, with a context each.
void errgroup_tasks(int n) {
  for (int i = 0; i < n; i += 10) {
    goro::errgroup group(goro::context::background());
    for (int task = 0; task < 10; ++task) group.go([] {});
    group.wait();
  }
}

void semaphore_uncontended(int n) {
  const goro::context ctx = goro::context::background();
  goro::semaphore tokens(10);
  for (int i = 0; i < n; ++i) {
    if (tokens.acquire(ctx, 3)) std::abort();
    tokens.release(3);
  }
}

// 64 goroutines share 8 tokens, and yield with them.
void semaphore_contended(int n) {
  const goro::context ctx = goro::context::background();
  goro::semaphore tokens(8);
  goro::wait_group group;
  for (int g = 0; g < 64; ++g)
    group.go([&] {
      for (int i = 0; i < n / 64; ++i) {
        if (tokens.acquire(ctx)) std::abort();
        goro::gosched();
        tokens.release();
      }
    });
  group.wait();
}

constexpr row rows[] = {
    {"mutex_uncontended", "ns", [](int n) { return per_op(n, mutex_uncontended); }},
    {"mutex_64", "ns", [](int n) { return per_op(n, [](int ops) { mutex_contended(ops, 64, false); }); }},
    {"mutex_64_yield", "ns", [](int n) { return per_op(n, [](int ops) { mutex_contended(ops, 64, true); }); }},
    {"rw_mutex_read", "ns", [](int n) { return per_op(n, rw_mutex_read); }},
    {"cond_ping_pong", "ns", [](int n) { return per_op(n, cond_ping_pong); }},
    {"pool_get_put", "ns", [](int n) { return per_op(n, pool_get_put); }},
    {"map_load", "ns", [](int n) { return per_op(n, map_load); }},
    {"map_read_mostly", "ns", [](int n) { return per_op(n, map_read_mostly); }},
    {"errgroup_tasks", "ns", [](int n) { return per_op(n, errgroup_tasks); }},
    {"semaphore_uncontended", "ns", [](int n) { return per_op(n, semaphore_uncontended); }},
    {"semaphore_64", "ns", [](int n) { return per_op(n, semaphore_contended); }},
    {"wait_group_add_done", "ns", [](int n) { return per_op(n, wait_group_add_done); }},
};

}  // namespace

std::span<const row> sync_rows() { return rows; }
