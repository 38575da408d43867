// SPDX-License-Identifier: BSL-1.0
// Go's mutex.
//
// Normal mode: a waiter that is woken competes with newcomers, which have the CPU already and mostly win; that is
// fast, but a waiter can lose for ever. One that has waited for more than 1 ms switches the lock to starvation mode:
// unlock() hands it to the first in the queue, newcomers do not try and queue at the end. The waiter that gets it
// switches back if it was the last, or waited less than 1 ms.
//
//   M1  in starvation mode with waiters, nobody but the waiter it is handed to takes the lock
//   M2  `woken` is set while exactly one waiter is up in normal mode: unlock() then wakes no other
//   M3  state / one_waiter is the number of goroutines that sleep in `sleepers_` or are about to
#include <goro/sync/mutex.hpp>

#include "base/check.hpp"
#include "base/pause.hpp"
#include "os/clock.hpp"
#include "sync/sleeper.hpp"

namespace goro {

namespace {

constexpr std::int64_t starvation_threshold = runtime::millisecond;
/// A look at the clock would be a good part of what a wake-up in vain costs.
constexpr unsigned wakes_per_look = 8;

/// Spinning helps only if the holder runs meanwhile, on another processor, and if nobody waits for ours: among those
/// may be the holder.
bool may_spin(int round) {
  const int busy = runtime::sched.processor_count.load(std::memory_order_relaxed) -
                   runtime::sched.idle_count.load(std::memory_order_relaxed) -
                   runtime::sched.spinning.load(std::memory_order_relaxed);
  if (round == 4 || busy < 2) return false;
  const runtime::runtime_call call;
  if (call.on() == nullptr) return true;
  const runtime::processor* const p = call.on()->p;
  return p->run_next.load(std::memory_order_relaxed) == nullptr && p->queue.empty();
}

}  // namespace

void mutex::lock_slow() {
  std::int64_t waiting_since = 0;
  bool starves = false;
  bool up = false;  // we are the one that `woken` stands for
  int round = 0;
  unsigned vain_wakes = 0;
  std::int32_t old = state_.load(std::memory_order_relaxed);
  for (;;) {
    if ((old & (locked | starving)) == locked && may_spin(round)) {
      if (!up && (old & woken) == 0 && old / one_waiter != 0 && state_.compare_exchange_strong(old, old | woken))
        up = true;
      for (int i = 0; i < 30; ++i) runtime::pause();
      ++round;
      old = state_.load(std::memory_order_relaxed);
      continue;
    }
    std::int32_t now = old;
    if ((old & starving) == 0) now |= locked;                 // M1: newcomers queue
    if ((old & (locked | starving)) != 0) now += one_waiter;  // M3
    if (starves && (old & locked) != 0) now |= starving;
    if (up) {
      if ((now & woken) == 0) detail::fatal("sync: inconsistent mutex state");
      now &= ~woken;
    }
    if (!state_.compare_exchange_strong(old, now, std::memory_order_acquire, std::memory_order_relaxed)) continue;
    if ((old & (locked | starving)) == 0) return;

    const bool first_time = waiting_since == 0;
    if (first_time) waiting_since = runtime::now_ns();
    sleepers_.acquire(first_time ? detail::semaphore::place::back : detail::semaphore::place::front,
                      static_cast<std::uint8_t>(runtime::wait_reason::mutex_lock), this);
    old = state_.load(std::memory_order_relaxed);
    const bool handed_to_us = (old & starving) != 0;
    if (!starves && (handed_to_us || vain_wakes++ % wakes_per_look == 0))
      starves = runtime::now_ns() - waiting_since > starvation_threshold;
    if (handed_to_us) {
      if ((old & (locked | woken)) != 0 || old / one_waiter == 0) detail::fatal("sync: inconsistent mutex state");
      std::int32_t delta = locked - one_waiter;
      if (!starves || old / one_waiter == 1) delta -= starving;
      state_.fetch_add(delta, std::memory_order_acquire);
      return;
    }
    up = true;
    round = 0;
  }
}

void mutex::unlock_slow(std::int32_t left) {
  if (((left + locked) & locked) == 0) detail::fatal("sync: unlock of unlocked mutex");
  if ((left & starving) != 0) {
    sleepers_.release(true);
    return;
  }
  std::int32_t old = left;
  for (;;) {
    if (old / one_waiter == 0 || (old & (locked | woken | starving)) != 0) return;
    if (state_.compare_exchange_strong(old, (old - one_waiter) | woken)) {
      sleepers_.release(false);
      return;
    }
  }
}

void mutex::check_unused() {
  if (sleepers_.has_sleepers()) detail::destroyed_in_use("sync: Mutex destroyed while goroutines wait");
}

}  // namespace goro
