// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>

#include "os/clock.hpp"

namespace goro::runtime {

class timer_heap;
struct goroutine_list;

/// Embedded in what waits for a time: the control block of one who sleeps, a channel of after(), a pending call.
struct timer {
  /// Runs under the heap's lock when the timer has left the entries; must not block. Appends to `woken` the goroutines
  /// that are to run, and clears `heap` as the last thing if it is not periodic: from then on the timer may be gone
  /// (H4).
  using fire_function = void (*)(timer* t, std::int64_t now, goroutine_list& woken);

  /// A thread's timers outlive every run().
  static constexpr std::uint32_t era_of_threads = UINT32_MAX;

  explicit timer(fire_function f) noexcept : fire(f) {}

  fire_function fire;
  std::int64_t when = never;
  std::int64_t period = 0;  // it fires again each time this has passed; 0: once
  std::int64_t entry_when = never;  // guarded by the heap's lock
  std::uint32_t slot = 0;  // guarded by the heap's lock
  std::uint32_t era = 0;  // of run()
  std::atomic<timer_heap*> heap{nullptr};  // written under the heap's lock
};

}  // namespace goro::runtime
