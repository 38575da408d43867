// SPDX-License-Identifier: BSL-1.0
#include <goro/detail/semaphore.hpp>

#include "sync/sleeper.hpp"

namespace goro::detail {

using runtime::runtime_call;

void semaphore::acquire(std::uint8_t reason, const void* object) {
  runtime_call call;
  lock_.lock();
  if (permits_ > 0) {
    --permits_;
    lock_.unlock();
    return;
  }
  sleeper s{call.self(), nullptr};
  (first_ == nullptr ? first_ : last_->next) = &s;
  last_ = &s;
  lock_.prepare_handover();
  call.park(unlock_spin_lock, &lock_, static_cast<runtime::wait_reason>(reason), object);
}

void semaphore::release(bool hand_over) {
  runtime_call call;
  lock_.lock();
  goroutine* g = nullptr;
  while (first_ != nullptr && g == nullptr) {  // one left over by an ended run() never goes on
    g = runtime::is_left_over(first_->g) ? nullptr : first_->g;
    first_ = first_->next;
  }
  if (g == nullptr) ++permits_;
  lock_.unlock();
  if (g == nullptr) return;
  call.ready(g);
  if (hand_over) call.yield();
}

bool semaphore::has_sleepers() noexcept {
  const runtime_call call;
  lock_.lock();
  const bool any = anybody_left(first_);
  lock_.unlock();
  return any;
}

void destroyed_in_use(const char* text) noexcept {
  if (!runtime::sched.exiting.load(std::memory_order_relaxed)) fatal(text);
}

}  // namespace goro::detail
