// SPDX-License-Identifier: BSL-1.0
// The counter and the number of waiters share a word. A waiter counts itself while it holds lock_, and only if the
// counter is not zero (a count that it takes back would look like a reuse to those who return), and keeps lock_ until
// it is parked; the done() that brings the counter to zero and sees waiters takes lock_ too, so it finds them
// all in the list. It touches the group for the last time when it unlocks, before it wakes the first of them: they
// may destroy it.
#include <goro/sync/wait_group.hpp>

#include <exception>

#include "sync/sleeper.hpp"

namespace goro {
namespace detail {

using runtime::runtime_call;

namespace {

constexpr std::int32_t counter_of(std::uint64_t state) noexcept { return static_cast<std::int32_t>(state >> 32); }

}  // namespace

void wait_counter::add_slow(std::uint64_t now, int n) {
  if (counter_of(now) < 0) throw_panic("sync: negative WaitGroup counter");
  if (counter_of(now) != 0) throw_panic("sync: WaitGroup misuse: Add called concurrently with Wait");
  if (n >= 0) return;
  runtime::goroutine_list woken;
  runtime_call call;
  lock_.lock();
  while (sleeper* const s = waiters_) {
    waiters_ = s->next;
    if (!runtime::is_left_over(s->g)) woken.push_front(s->g);  // the list holds the newest first
  }
  const bool misused = counter_of(state_.exchange(0, std::memory_order_acq_rel)) != 0;
  lock_.unlock();
  runtime::ready_all(call.on(), woken);
  if (misused) throw_panic("sync: WaitGroup misuse: Add called concurrently with Wait");
}

void wait_counter::wait() {
  std::uint64_t state = state_.load(std::memory_order_acquire);
  if (counter_of(state) == 0) return;
  runtime_call call;
  lock_.lock();
  do {
    if (counter_of(state) == 0) {
      lock_.unlock();
      return;
    }
  } while (!state_.compare_exchange_weak(state, state + 1, std::memory_order_acq_rel, std::memory_order_acquire));
  sleeper s{call.self(), waiters_};
  waiters_ = &s;
  lock_.prepare_handover();
  call.park(unlock_spin_lock, &lock_, runtime::wait_reason::wait_group_wait, this);
  if (state_.load(std::memory_order_acquire) != 0)
    throw_panic("sync: WaitGroup is reused before previous Wait has returned");
}

void wait_counter::check_unused() {
  bool any = false;
  {
    const runtime_call call;
    lock_.lock();
    any = anybody_left(waiters_);
    lock_.unlock();
  }
  if (any) destroyed_in_use("sync: WaitGroup destroyed while goroutines wait");
}

}  // namespace detail

/// The end of a function started by go(): not done if it panics, for the process is dying then.
void wait_group::finish() {
  const runtime::machine* const m = runtime::this_machine();
  const bool panics = std::uncaught_exceptions() != 0 && m != nullptr && m->g->exit == runtime::goexit_state::none;
  if (!panics) done();
}

}  // namespace goro
