// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <atomic>
#include <iostream>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>
#include <goro/time.hpp>

#include "rows.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int echo_pairs = 4;
constexpr int computing = 2 * echo_pairs;  // half of the goroutines

void compute_in_slices(const std::atomic<bool>& stop) {
  while (!stop.load()) {
    const auto end = wall_clock::now() + 1ms;
    while (wall_clock::now() < end) {
    }
    goro::gosched();
  }
}

// A request every millisecond. What counts is how long after it was due the answer is there.
void ask(std::span<double> latencies) {
  const auto request = goro::make_chan<std::int64_t>();
  const auto answer = goro::make_chan<std::int64_t>();
  goro::go([=] {
    for (const std::int64_t v : request) answer.send(v);
  });
  auto due = wall_clock::now();
  for (double& latency : latencies) {
    due += 1ms;
    if (const auto early = due - wall_clock::now(); early > 0ns) goro::sleep(early);
    request.send(1);
    last_result = *answer.recv();
    latency = nanoseconds(wall_clock::now() - due);
  }
  request.close();
}

// The latencies of n requests, in nanoseconds, sorted.
std::vector<double> echo_latencies(int n) {
  std::atomic<bool> stop{false};
  goro::wait_group hogs;
  for (int g = 0; g < computing; ++g) hogs.go([&] { compute_in_slices(stop); });
  const auto each = static_cast<std::size_t>(n / echo_pairs);
  std::vector<double> latencies(each * echo_pairs);
  goro::wait_group clients;
  for (std::size_t pair = 0; pair < echo_pairs; ++pair)
    clients.go([&latencies, each, pair] { ask(std::span(latencies).subspan(pair * each, each)); });
  clients.wait();
  stop.store(true);
  hogs.wait();
  std::ranges::sort(latencies);
  return latencies;
}

double echo_tail(int n) {
  const auto latencies = echo_latencies(n);
  return milliseconds(latencies[latencies.size() * 999 / 1000]);
}

// For ./goro bench tail: each of them, a line.
double echo_latency(int n) {
  const auto latencies = echo_latencies(n);
  for (const double latency : latencies) std::cout << static_cast<std::int64_t>(latency) << '\n';
  return latencies[latencies.size() / 2];
}

constexpr row rows[] = {
    {"echo_tail", "ms", echo_tail},
    {"echo_latency", "ns", echo_latency},
};

}  // namespace

std::span<const row> latency_rows() { return rows; }
