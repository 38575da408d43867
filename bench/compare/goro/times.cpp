// SPDX-License-Identifier: BSL-1.0
#include <chrono>
#include <vector>

#include <goro/go.hpp>
#include <goro/sync.hpp>
#include <goro/time.hpp>

#include "common/overshoot.hpp"
#include "rows.hpp"

namespace {

using namespace std::chrono_literals;

void nothing() {}

void after_func_stop(int n) {
  for (int i = 0; i < n; ++i) goro::after_func(1h, nothing).stop();
}

void after_func_million() {
  std::vector<goro::timer> timers(1'000'000);
  for (std::size_t i = 0; i < timers.size(); ++i) {
    timers[i] = goro::after_func(1h + std::chrono::microseconds(i), nothing);
  }
  for (goro::timer& t : timers) t.stop();
}

void timer_reset(int n) {
  auto t = goro::after_func(1h, nothing);
  for (int i = 0; i < n; ++i) t.reset(1h);
  t.stop();
}

// The processor time of 100 000 goroutines that each sleep once, 1 to 100 ms; n rounds.
double sleepers_cpu(int n) {
  const double start = cpu_time();
  for (int r = 0; r < n; ++r) {
    goro::wait_group group;
    for (int i = 0; i < 100'000; ++i) {
      group.add();
      goro::go([&group, i] {
        goro::sleep(std::chrono::milliseconds(i % 100 + 1));
        group.done();
      });
    }
    group.wait();
  }
  return milliseconds(cpu_time() - start) / n;
}

double sleep_overshoot(int n) {
  return microseconds_of_overshoot(n, [](auto duration) { goro::sleep(duration); });
}

constexpr row rows[] = {
    {"after_func_stop", "ns", [](int n) { return per_op(n, after_func_stop); }},
    {"after_func_million", "ns", [](int n) { return per_round(n, after_func_million) / 1e6; }},
    {"timer_reset", "ns", [](int n) { return per_op(n, timer_reset); }},
    {"sleepers_100k_cpu", "ms", sleepers_cpu},
    {"sleep_overshoot", "us", sleep_overshoot},
};

}  // namespace

std::span<const row> time_rows() { return rows; }
