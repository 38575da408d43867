// SPDX-License-Identifier: BSL-1.0
#include <mutex>

#include <goro/go.hpp>
#include <goro/sync.hpp>

#include "row.hpp"

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
    goro::go([&] {
      for (int i = 0; i < n / goroutines; ++i) {
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

constexpr row rows[] = {
    {"mutex_uncontended", "ns", [](int n) { return per_op(n, mutex_uncontended); }},
    {"mutex_64", "ns", [](int n) { return per_op(n, [](int ops) { mutex_contended(ops, 64, false); }); }},
    {"mutex_64_yield", "ns", [](int n) { return per_op(n, [](int ops) { mutex_contended(ops, 64, true); }); }},
    {"wait_group_add_done", "ns", [](int n) { return per_op(n, wait_group_add_done); }},
};

}  // namespace

std::span<const row> sync_rows() { return rows; }
