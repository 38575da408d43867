// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>

#include <goro/detail/config.hpp>

#if GORO_TSAN
extern "C" void __tsan_release(void* address);
#endif

namespace goro::detail {

/// The small lock inside channels, wait groups and mutexes. It guards a few instructions, never a wait, so a
/// contender spins, then yields its time to the thread that holds it.
///
/// A goroutine that parks keeps the lock until its stack is out of use: prepare_handover() before the switch,
/// unlock_after_switch() by whoever runs next. The pair exists because ThreadSanitizer takes the two for
/// different threads: what the first one did has to be published by the first one.
class spin_lock {
 public:
  void lock() noexcept {
    if (!try_lock()) [[unlikely]]
      lock_contended();
  }
  bool try_lock() noexcept {
    std::uint32_t expected = 0;
    return word_.compare_exchange_strong(expected, 1, std::memory_order_acquire, std::memory_order_relaxed);
  }
  void unlock() noexcept { word_.store(0, std::memory_order_release); }

  void prepare_handover() noexcept {
#if GORO_TSAN
    __tsan_release(this);
#endif
  }
  void unlock_after_switch() noexcept {
#if GORO_TSAN
    word_.fetch_and(0, std::memory_order_relaxed);
#else
    unlock();
#endif
  }
  [[nodiscard]] bool is_locked() const noexcept { return word_.load(std::memory_order_relaxed) != 0; }

 private:
  void lock_contended() noexcept;

  std::atomic<std::uint32_t> word_{0};
};

/// std::lock_guard, for headers that do without <mutex>.
class spin_guard {
 public:
  explicit spin_guard(spin_lock& lock) noexcept : lock_(lock) { lock_.lock(); }
  spin_guard(const spin_guard&) = delete;
  spin_guard& operator=(const spin_guard&) = delete;
  ~spin_guard() { lock_.unlock(); }

 private:
  spin_lock& lock_;
};

}  // namespace goro::detail
