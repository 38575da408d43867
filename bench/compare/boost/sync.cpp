// SPDX-License-Identifier: BSL-1.0
#include <boost/fiber/condition_variable.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/mutex.hpp>
#include <boost/fiber/operations.hpp>
#include <mutex>
#include <vector>

#include "common/overshoot.hpp"
#include "rows.hpp"

namespace {

namespace fibers = boost::fibers;

void mutex_uncontended(int n) {
  fibers::mutex mu;
  for (int i = 0; i < n; ++i) {
    const std::lock_guard lock(mu);
    last_result = last_result + 1;
  }
}

void mutex_contended(int n, int count, bool yield) {
  fibers::mutex mu;
  std::vector<fibers::fiber> all;
  for (int f = 0; f < count; ++f) {
    all.emplace_back([&mu, rounds = n / count, yield] {
      for (int i = 0; i < rounds; ++i) {
        const std::lock_guard lock(mu);
        last_result = last_result + 1;
        if (yield) boost::this_fiber::yield();
      }
    });
  }
  for (fibers::fiber& one : all) one.join();
}

void cond_ping_pong(int n) {
  fibers::mutex mu;
  fibers::condition_variable changed;
  bool ping = true;
  const auto play = [&](bool mine) {
    for (int i = 0; i < n; ++i) {
      std::unique_lock lock(mu);
      changed.wait(lock, [&] { return ping == mine; });
      ping = !mine;
      changed.notify_one();
    }
  };
  fibers::fiber one(play, true);
  fibers::fiber other(play, false);
  one.join();
  other.join();
}

double sleep_overshoot(int n) {
  return microseconds_of_overshoot(n, [](auto duration) { boost::this_fiber::sleep_for(duration); });
}

constexpr row rows[] = {
    {"mutex_uncontended", "ns", [](int n) { return per_op(n, mutex_uncontended); }},
    {"mutex_64", "ns", [](int n) { return per_op(n, [](int ops) { mutex_contended(ops, 64, false); }); }},
    {"mutex_64_yield", "ns", [](int n) { return per_op(n, [](int ops) { mutex_contended(ops, 64, true); }); }},
    {"cond_ping_pong", "ns", [](int n) { return per_op(n, cond_ping_pong); }},
    {"sleep_overshoot", "us", sleep_overshoot},
};

}  // namespace

std::span<const row> sync_rows() { return rows; }
