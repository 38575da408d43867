// SPDX-License-Identifier: BSL-1.0
#include <goro/detail/spin_lock.hpp>

#include <sched.h>
#include <time.h>

#include "base/pause.hpp"

namespace goro::detail {

// The holder runs a few instructions, unless the kernel took its CPU: then spinning only keeps it from coming back.
// Hence three steps: spin, offer the CPU to whoever is ready, and at last sleep, so that a holder of lower priority
// gets to run too.
void spin_lock::lock_contended() noexcept {
  for (int round = 0;; ++round) {
    if (round < 6) {
      for (int i = 0; i < (1 << round); ++i) runtime::pause();
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
