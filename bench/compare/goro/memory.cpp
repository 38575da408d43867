// SPDX-License-Identifier: BSL-1.0
#include <chrono>
#include <iomanip>
#include <iostream>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>
#include <goro/time.hpp>

#include "common/memory.hpp"
#include "programs.hpp"
#include "rows.hpp"

namespace {

// What one of n goroutines costs that has run and now waits for a channel.
double parked_memory(int n) {
  const auto gate = goro::make_chan<void>();
  const double before = status_bytes("VmRSS:");
  goro::wait_group ready;
  for (int i = 0; i < n; ++i) {
    ready.add();
    goro::go([&] {
      ready.done();
      gate.recv();
    });
  }
  ready.wait();
  return (status_bytes("VmRSS:") - before) / n;
}

struct burst_memory {
  double start, peak, rest;  // before, with all goroutines parked, and 2 s after the last has ended
};

burst_memory resident_memory_around(int goroutines) {
  const auto park_and_end = [](int n) {
    const auto gate = goro::make_chan<void>();
    goro::wait_group ready;
    goro::wait_group ended;
    for (int i = 0; i < n; ++i) {
      ready.add();
      ended.go([&] {
        ready.done();
        gate.recv();
      });
    }
    ready.wait();
    const double parked = status_bytes("VmRSS:");
    gate.close();
    ended.wait();
    goro::sleep(std::chrono::seconds(2));
    return parked;
  };
  park_and_end(1000);
  const double start = status_bytes("VmRSS:");
  const double peak = park_and_end(goroutines);
  return {start, peak, status_bytes("VmRSS:")};
}

// How much memory is left of a burst of n goroutines, as a multiple of what there was before.
double burst_rest(int n) {
  const burst_memory memory = resident_memory_around(n);
  return memory.rest / memory.start;
}

// Prints what burst_rest divides.
double burst(int n) {
  const burst_memory memory = resident_memory_around(n);
  std::cout << std::fixed << std::setprecision(0) << "start " << memory.start << "\npeak " << memory.peak << "\nrest "
            << memory.rest << '\n';
  return memory.rest / memory.start;
}

double skynet_memory(int) {
  skynet_million();
  return status_bytes("VmHWM:");
}

constexpr row rows[] = {
    {"parked_memory", "bytes", parked_memory},
    {"skynet_memory", "bytes", skynet_memory},
    {"burst_rest", "x", burst_rest},
    {"burst", "x", burst},
};

}  // namespace

std::span<const row> memory_rows() { return rows; }
