// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/fiber/unbuffered_channel.hpp>
#include <chrono>
#include <vector>

#include "common/memory.hpp"
#include "rows.hpp"

namespace {

using boost::fibers::fiber;
using gate_channel = boost::fibers::unbuffered_channel<bool>;

void join(std::vector<fiber>& fibers) {
  for (fiber& one : fibers) one.join();
  fibers.clear();
}

void yield(int n) {
  constexpr int count = 8;
  std::vector<fiber> fibers;
  for (int f = 0; f < count; ++f) {
    fibers.emplace_back([n] {
      for (int i = 0; i < n / count; ++i) boost::this_fiber::yield();
    });
  }
  join(fibers);
}

void spawn_in_batches(int n, int batch) {
  std::vector<fiber> fibers;
  fibers.reserve(static_cast<std::size_t>(batch));
  for (int spawned = 0; spawned < n; spawned += batch) {
    for (int i = 0; i < batch; ++i) fibers.emplace_back([] {});
    join(fibers);
  }
}

void spawn_one(int n) {
  for (int i = 0; i < n; ++i) fiber([] {}).join();
}

// Makes `count` fibers that wait for the gate, and comes back when all have got as far.
void wait_at(gate_channel& gate, std::vector<fiber>& fibers, std::size_t count) {
  std::atomic<std::size_t> waiting = 0;
  fibers.reserve(count);
  while (fibers.size() < count) {
    fibers.emplace_back([&] {
      ++waiting;
      bool value = false;
      gate.pop(value);
    });
  }
  while (waiting != count) boost::this_fiber::yield();
}

double close_wakes(int n) {
  constexpr std::size_t waiters = 10'000;
  double total = 0;
  for (int r = 0; r <= n; ++r) {
    gate_channel gate;
    std::vector<fiber> fibers;
    wait_at(gate, fibers, waiters);
    const double start = busy_now();
    gate.close();
    join(fibers);
    if (r > 0) total += busy_now() - start;
  }
  return total / n / waiters;
}

// A tenth of what the other programs park: each costs as much, and with a million the stacks alone are 9 GB.
double parked_memory(int n) {
  const auto count = static_cast<std::size_t>(n / 10);
  gate_channel gate;
  std::vector<fiber> fibers;
  fibers.reserve(count);
  const double before = status_bytes("VmRSS:");
  wait_at(gate, fibers, count);
  const double grown = status_bytes("VmRSS:") - before;
  gate.close();
  join(fibers);
  return grown / static_cast<double>(count);
}

double sleepers_cpu(int n) {
  const double start = cpu_time();
  for (int r = 0; r < n; ++r) {
    std::vector<fiber> fibers;
    for (int i = 0; i < 100'000; ++i) {
      fibers.emplace_back([i] { boost::this_fiber::sleep_for(std::chrono::milliseconds(i % 100 + 1)); });
    }
    join(fibers);
  }
  return milliseconds(cpu_time() - start) / n;
}

constexpr row rows[] = {
    {"yield", "ns", [](int n) { return per_op(n, yield); }},
    {"spawn_batch_100", "ns", [](int n) { return per_op(n, [](int ops) { spawn_in_batches(ops, 100); }); }},
    {"spawn_batch_1000", "ns", [](int n) { return per_op(n, [](int ops) { spawn_in_batches(ops, 1000); }); }},
    {"spawn_one", "ns", [](int n) { return per_op(n, spawn_one); }},
    {"spawn_100k", "ns", [](int n) { return per_round(n, [] { spawn_in_batches(100'000, 100'000); }) / 100'000; }},
    {"close_wakes_10k", "ns", close_wakes},
    {"parked_memory", "bytes", parked_memory},
    {"sleepers_100k_cpu", "ms", sleepers_cpu},
};

}  // namespace

std::span<const row> fiber_rows() { return rows; }
