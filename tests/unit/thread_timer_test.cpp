// SPDX-License-Identifier: BSL-1.0
// Timers of plain threads: no goroutine and no processor looks after them.
#include <atomic>
#include <chrono>
#include <thread>

#include <goro/go.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

using ThreadTimer = on_procs;
GORO_ON_PROCS(ThreadTimer);

// The timer is made while every processor is busy, so that its maker wakes nobody; then they are given up.
TEST_P(ThreadTimer, FiresWhenEveryGoroutineHasGoneIntoTheKernel) {
  run([] {
    for (int round = 0; round < 50; ++round) {
      std::atomic<bool> sleeps{false};
      std::thread sleeper([&] {
        sleeps = true;
        goro::sleep(2ms);
      });
      const auto busy_until = std::chrono::steady_clock::now() + 20us * round;
      while (!sleeps || std::chrono::steady_clock::now() < busy_until) {
      }
      goro::blocking([&] { sleeper.join(); });
    }
  });
}

}  // namespace
