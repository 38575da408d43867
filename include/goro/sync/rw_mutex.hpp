// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>

#include <goro/detail/semaphore.hpp>
#include <goro/sync/mutex.hpp>

namespace goro {

/// A lock for many readers or one writer that parks goroutines, not threads. A SharedLockable: std::shared_lock and
/// std::unique_lock work with it. Not owned: any goroutine or thread may unlock it. Neither reentrant nor upgradable: a
/// waiting writer keeps new readers out, so a reader that locks once more can deadlock.
///
/// Fairness:  a writer waits for the readers before it only; the readers that came while it waited and wrote go before
///            the next writer.
/// Ordering:  an unlock() happens before every later lock() and lock_shared() returns; an unlock_shared() before the
///            return of the next lock().
/// Lifetime:  must outlive every call on it; not movable. Destroyed while somebody waits: fatal error "sync: RWMutex
///            destroyed while goroutines wait", unless the process exits.
class rw_mutex {
 public:
  constexpr rw_mutex() noexcept = default;
  rw_mutex(const rw_mutex&) = delete;
  rw_mutex& operator=(const rw_mutex&) = delete;
  ~rw_mutex() {
    if (readers_.load(std::memory_order_relaxed) != 0) [[unlikely]]
      check_unused();
  }

  /// Blocks until there is neither reader nor writer.
  void lock();
  /// Takes the lock if nobody has it. Never blocks.
  [[nodiscard]] bool try_lock();
  /// On one that is not locked for writing: fatal error "sync: Unlock of unlocked RWMutex".
  void unlock();

  /// Blocks while a writer has the lock or waits for it.
  void lock_shared() {
    if (readers_.fetch_add(1, std::memory_order_acquire) < 0) [[unlikely]]
      wait_for_writer();
  }
  /// Takes the lock for reading unless a writer has it or waits for it. Never blocks.
  [[nodiscard]] bool try_lock_shared() noexcept {
    std::int32_t readers = readers_.load(std::memory_order_relaxed);
    while (readers >= 0)
      if (readers_.compare_exchange_weak(readers, readers + 1, std::memory_order_acquire, std::memory_order_relaxed))
        return true;
    return false;
  }
  /// On one that is not locked for reading: fatal error "sync: RUnlock of unlocked RWMutex".
  void unlock_shared() {
    const std::int32_t before = readers_.fetch_sub(1, std::memory_order_release);
    if (before <= 0) [[unlikely]]
      leave_to_writer(before);
  }

 private:
  static constexpr std::int32_t writer = std::int32_t{1} << 30;  // more than there can be readers

  void wait_for_writer();
  void leave_to_writer(std::int32_t before);
  void check_unused();

  mutex writers_;  // held by the one writer, and while it waits
  std::atomic<std::int32_t> readers_{0};  // minus `writer` while a writer has the lock or waits for it
  std::atomic<std::int32_t> leaving_{0};  // readers that the waiting writer still waits for
  detail::semaphore writer_sleeps_;
  detail::semaphore readers_sleep_;
};

}  // namespace goro
