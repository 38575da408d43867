// SPDX-License-Identifier: BSL-1.0
#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>

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

double skynet_memory(int) {
  skynet_million();
  return status_bytes("VmHWM:");
}

constexpr row rows[] = {
    {"parked_memory", "bytes", parked_memory},
    {"skynet_memory", "bytes", skynet_memory},
};

}  // namespace

std::span<const row> memory_rows() { return rows; }
