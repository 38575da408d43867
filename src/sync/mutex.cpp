// SPDX-License-Identifier: BSL-1.0
// Go's mutex.
//
// Normal mode: a waiter that is woken competes with newcomers, which have the CPU already and mostly win; that is
// fast, but a waiter can lose for ever. One that has waited for more than 1 ms switches the lock to starvation mode:
// unlock() hands it to the first in the queue, newcomers do not try and queue at the end. The waiter that gets it
// switches back if it was the last, or waited less than 1 ms.
//
// A waiter that was woken in vain does not queue again. It was the first, and stays it, in a place of its own; there it
// needs neither the queue's lock nor, if the lock is given back while it goes to sleep, somebody to wake it:
//
//   W, woken, finds the lock held                     whoever gives the lock back
//   W1  parks; behind the switch:                     U1  locked = 0
//   W2  again_ = W                                    U2  waiters, and nobody woken? none: woken = 1, one waiter less
//   W3  locked? woken = 0, one waiter more            U3  wakes again_, or else the first in `sleepers_`
//       free? again_ = null; W runs and tries again
//
//   M1  in starvation mode with waiters, nobody but the waiter it is handed to takes the lock
//   M2  `woken` is set while exactly one waiter is up in normal mode: unlock() then wakes no other
//   M3  state / one_waiter is the number of goroutines that sleep in `sleepers_` or are about to, and in `again_`
//   M4  `again_` belongs to the one that is up; in normal mode with nobody up, to the one that sets `woken` next; in
//       starvation mode, to the one that hands the lock over. W3 and U2 are one step each: either U2 finds W counted,
//       or W3 finds the lock free.
//
// Tested by: model/mutex.pml, stress/mutex_stress, conformance/sync_mutex_test.
#include <goro/sync/mutex.hpp>

#include <utility>

#include "base/check.hpp"
#include "os/clock.hpp"
#include "os/pause.hpp"
#include "sync/sleeper.hpp"

namespace goro {

namespace {

constexpr std::int64_t starvation_threshold = runtime::millisecond;
/// A look at the clock would be a good part of what a wake-up in vain costs.
constexpr unsigned wakes_per_look = 8;
/// For this long the holder has the lock's cache line to itself. As long as Go's thirty pauses take where they take long.
constexpr std::int64_t spin_time = 1'500;

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

/// W2 and W3.
struct mutex::going_back {
  mutex& mu;
  runtime::goroutine* waiter;
  bool starves;

  static runtime::machine* park(runtime::machine* m, void* argument) {
    const going_back self = *static_cast<going_back*>(argument);  // it lies on a stack that runs again after W3
    self.mu.again_ = self.waiter;
    std::int32_t old = self.mu.state_.load(std::memory_order_relaxed);
    while ((old & locked) != 0) {
      const std::int32_t now = ((old & ~woken) | (self.starves ? starving : 0)) + one_waiter;
      if (self.mu.state_.compare_exchange_weak(old, now, std::memory_order_release, std::memory_order_relaxed))
        return m;
    }
    self.mu.again_ = nullptr;
    runtime::ready(m, self.waiter);
    return m;
  }
};

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
      runtime::pause_for(spin_time);
      ++round;
      old = state_.load(std::memory_order_relaxed);
      continue;
    }
    if (up && (old & woken) == 0) detail::fatal("sync: inconsistent mutex state");
    const std::int32_t others = up ? old & ~woken : old;
    if ((old & (locked | starving)) == 0) {
      if (state_.compare_exchange_strong(old, others | locked, std::memory_order_acquire, std::memory_order_relaxed))
        return;
      continue;
    }

    if (waiting_since == 0) {
      if (!state_.compare_exchange_strong(old, others + one_waiter, std::memory_order_relaxed)) continue;
      waiting_since = runtime::now_ns();
      sleepers_.acquire(static_cast<std::uint8_t>(runtime::wait_reason::mutex_lock), this);
    } else {
      runtime::runtime_call call;
      going_back self{*this, call.self(), starves};
      call.park(going_back::park, &self, runtime::wait_reason::mutex_lock, this);
    }
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
    static_cast<void>(state_.load(std::memory_order_acquire));  // M4
    wake_first(true);
    return;
  }
  std::int32_t old = left;
  for (;;) {
    if (old / one_waiter == 0 || (old & (locked | woken | starving)) != 0) return;
    if (state_.compare_exchange_strong(old, (old - one_waiter) | woken)) {
      wake_first(false);
      return;
    }
  }
}

void mutex::wake_first(bool hand_over) {
  if (again_ != nullptr) {
    runtime::runtime_call call;
    runtime::goroutine* const g = std::exchange(again_, nullptr);
    if (!runtime::is_left_over(g)) {
      call.ready(g);
      if (hand_over) call.yield();
      return;
    }
  }
  sleepers_.release(hand_over);
}

bool mutex::has_sleepers() noexcept {
  if (again_ != nullptr) {
    const runtime::runtime_call call;
    if (!runtime::is_left_over(again_)) return true;
  }
  return sleepers_.has_sleepers();
}

void mutex::check_unused() {
  if (has_sleepers()) detail::destroyed_in_use("sync: Mutex destroyed while goroutines wait");
}

}  // namespace goro
