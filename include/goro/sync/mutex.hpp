// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>

#include <goro/detail/semaphore.hpp>

namespace goro {

namespace detail {
struct goroutine;
}

/// A mutual exclusion lock that parks goroutines, not threads. A Lockable: std::lock_guard, std::unique_lock and
/// std::scoped_lock work with it. Not reentrant, and not owned: any goroutine or thread may unlock it.
///
/// Fairness:  normally whoever comes first when it is free gets it, waiters in order of arrival; a waiter that has
///            waited for more than 1 ms, and lost a few times more at most, makes the lock go from hand to hand until
///            nobody waits that long.
/// Ordering:  the n-th unlock() happens before the m-th lock() returns, for n < m.
/// Lifetime:  must outlive every call on it; not movable. Destroyed while somebody waits: fatal error "sync: Mutex
///            destroyed while goroutines wait", unless the process exits.
class mutex {
 public:
  constexpr mutex() noexcept = default;
  mutex(const mutex&) = delete;
  mutex& operator=(const mutex&) = delete;
  ~mutex() {
    if (state_.load(std::memory_order_relaxed) >= one_waiter) [[unlikely]]
      check_unused();
  }

  /// Blocks until the lock is free and takes it.
  void lock() {
    std::int32_t nobody = 0;
    if (state_.compare_exchange_strong(nobody, locked, std::memory_order_acquire, std::memory_order_relaxed)) [[likely]]
      return;
    if (!try_lock()) lock_slow();  // it may be free, and others sleep
  }

  /// Takes the lock if it is free. Never blocks. May fail on a free lock while it goes from hand to hand.
  [[nodiscard]] bool try_lock() noexcept {
    std::int32_t state = state_.load(std::memory_order_relaxed);
    return (state & (locked | starving)) == 0 &&
           state_.compare_exchange_strong(state, state | locked, std::memory_order_acquire, std::memory_order_relaxed);
  }

  /// Gives the lock back. On one that is not locked: fatal error "sync: unlock of unlocked mutex".
  void unlock() {
    const std::int32_t left = state_.fetch_sub(locked, std::memory_order_release) - locked;
    if (left != 0) unlock_slow(left);
  }

 private:
  friend class rw_mutex;
  static constexpr std::int32_t locked = 1;
  static constexpr std::int32_t woken = 2;     // a waiter is up and trying: unlock need not wake another
  static constexpr std::int32_t starving = 4;  // the lock goes from hand to hand
  static constexpr std::int32_t one_waiter = 8;

  void lock_slow();
  struct going_back;
  void unlock_slow(std::int32_t left);
  void wake_first(bool hand_over);
  [[nodiscard]] bool has_sleepers() noexcept;
  void check_unused();

  std::atomic<std::int32_t> state_{0};
  detail::goroutine* again_ = nullptr;  // a waiter that was woken in vain
  detail::semaphore sleepers_;
};

namespace detail {

/// std::unique_lock, for headers that do without <mutex>.
class mutex_guard {
 public:
  explicit mutex_guard(mutex& mu) : mu_(&mu) { mu_->lock(); }
  mutex_guard(const mutex_guard&) = delete;
  mutex_guard& operator=(const mutex_guard&) = delete;
  ~mutex_guard() { unlock(); }
  void unlock() {
    if (mu_ != nullptr) mu_->unlock();
    mu_ = nullptr;
  }

 private:
  mutex* mu_;
};

}  // namespace detail
}  // namespace goro
