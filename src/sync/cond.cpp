// SPDX-License-Identifier: BSL-1.0
// A waiter queues before it unlocks the user's lock, so that no signal that comes after is missed, and parks after it;
// one that is signalled in between does not park at all.
#include <goro/sync/cond.hpp>

#include "sync/sleeper.hpp"

namespace goro {

using runtime::runtime_call;

namespace detail {

/// Lives on the stack of the one who waits.
struct cond_sleeper {
  goroutine* g;
  cond_sleeper* next = nullptr;
  bool parked = false;  // guarded by the cond's lock
  bool woken = false;   // guarded by the cond's lock
};

}  // namespace detail

using detail::cond_sleeper;

void cond::sleep(void (*unlock)(void*), void* lock) {
  cond_sleeper s{detail::self()};
  lock_.lock();
  (first_ != nullptr ? last_->next : first_) = &s;
  last_ = &s;
  lock_.unlock();

  try {
    unlock(lock);
  } catch (...) {
    leave(s);
    throw;
  }

  runtime_call call;
  lock_.lock();
  if (s.woken) {
    lock_.unlock();
    return;
  }
  s.parked = true;
  lock_.prepare_handover();
  call.park(detail::unlock_spin_lock, &lock_, runtime::wait_reason::cond_wait, this);
}

/// s will not wait; if it has been signalled, another one is in its place.
void cond::leave(cond_sleeper& s) {
  lock_.lock();
  cond_sleeper* before = nullptr;
  for (cond_sleeper* at = first_; at != nullptr && at != &s; at = at->next) before = at;
  if (!s.woken) {
    (before != nullptr ? before->next : first_) = s.next;
    if (last_ == &s) last_ = before;
  }
  lock_.unlock();
  if (s.woken) signal();
}

void cond::signal() {
  runtime_call call;
  lock_.lock();
  runtime::goroutine* g = nullptr;
  while (cond_sleeper* const s = first_) {
    first_ = s->next;
    if (runtime::is_left_over(s->g)) continue;
    s->woken = true;
    if (s->parked) g = s->g;
    break;
  }
  lock_.unlock();
  if (g != nullptr) call.ready(g);
}

void cond::broadcast() {
  runtime_call call;
  runtime::goroutine_list woken;
  lock_.lock();
  while (cond_sleeper* const s = first_) {
    first_ = s->next;
    if (runtime::is_left_over(s->g)) continue;
    s->woken = true;
    if (s->parked) woken.push_back(s->g);
  }
  lock_.unlock();
  runtime::ready_all(call.on(), woken);
}

void cond::check_unused() {
  bool any = false;
  {
    const runtime_call call;
    lock_.lock();
    for (const cond_sleeper* s = first_; s != nullptr && !any; s = s->next) any = !runtime::is_left_over(s->g);
    lock_.unlock();
  }
  if (any) detail::destroyed_in_use("sync: Cond destroyed while goroutines wait");
}

}  // namespace goro
