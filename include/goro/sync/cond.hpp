// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <goro/detail/spin_lock.hpp>

namespace goro {
namespace detail {
struct cond_sleeper;
}

/// Waiting for a condition that a lock guards. The shape is std::condition_variable_any's: any lock with lock() and
/// unlock() will do, such as std::unique_lock<goro::mutex> or a std::shared_lock.
///
/// Blocks:    wait() until it is signalled: there are no spurious wake-ups, but the condition may have changed again.
/// Fairness:  signal() wakes the one that has waited longest; one that comes later cannot steal the wake-up.
/// Ordering:  a signal() or broadcast() happens before the return of each wait() that it wakes.
/// Lifetime:  not movable. Destroyed while somebody waits: fatal error "sync: Cond destroyed while goroutines wait",
///            unless the process exits.
class cond {
 public:
  constexpr cond() noexcept = default;
  cond(const cond&) = delete;
  cond& operator=(const cond&) = delete;
  ~cond() { check_unused(); }

  /// Unlocks `lock` and waits, in one step; locks it again before it returns.
  template <class Lock>
  void wait(Lock& lock) {
    sleep([](void* held) { static_cast<Lock*>(held)->unlock(); }, &lock);
    lock.lock();
  }

  /// Waits until the condition holds, which is evaluated with the lock held.
  template <class Lock, class Predicate>
  void wait(Lock& lock, Predicate holds) {
    while (!holds()) wait(lock);
  }

  /// Wakes one waiter, if there is any. The lock need not be held.
  void signal();
  /// Wakes all that wait now.
  void broadcast();

 private:
  void sleep(void (*unlock)(void*), void* lock);
  void leave(detail::cond_sleeper& s);
  void check_unused();

  detail::spin_lock lock_;  // guards the list
  detail::cond_sleeper* first_ = nullptr;  // the longest waiting
  detail::cond_sleeper* last_ = nullptr;
};

}  // namespace goro
