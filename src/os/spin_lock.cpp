// SPDX-License-Identifier: BSL-1.0
#include <goro/detail/spin_lock.hpp>

#include <sched.h>
#include <time.h>

#include "os/clock.hpp"
#include "os/pause.hpp"

namespace goro::detail {

namespace {
constexpr std::int64_t first_pause = 1'500;  // nanoseconds
}  // namespace

// The holder runs a few instructions, unless the kernel took its CPU. Three steps, therefore: keep away, offer the CPU to
// whoever is ready, and at last sleep, so that a holder of lower priority gets to run too.
//
// Why keep away for a microsecond, when the lock is free in a few nanoseconds? Because the one who holds it mostly
// wants it again at once. What is slow about a contended lock is that its cache line, and those of what it guards,
// move from CPU to CPU. Left alone with them, the other does a hundred operations in the time of one such journey there
// and back for each; a contender that asks as soon as it may makes every operation of both a journey.
void spin_lock::lock_contended() noexcept {
  for (int round = 0;; ++round) {
    if (round < 3) {
      runtime::pause_for(first_pause << round);
    } else if (round < 64) {
      ::sched_yield();
    } else {
      const timespec nap{0, 50'000};
      ::nanosleep(&nap, nullptr);
    }
    if (word_.load(std::memory_order_relaxed) == 0 && try_lock()) return;
  }
}

}  // namespace goro::detail
