// SPDX-License-Identifier: BSL-1.0
// What machines share and write. Each write takes a cache line from all other CPUs, so none of this is on the hot path of
// a goroutine that stays on its processor; and each is counted, so that this can be seen (./goro bench scaling). Machines
// count; plain threads and the monitor, which takes the lock once a millisecond, do not.
#pragma once

#include <atomic>

#include <goro/detail/spin_lock.hpp>

namespace goro::runtime {

void count_global_lock() noexcept;
void count_shared_write() noexcept;

/// Holds a lock that every machine takes: the scheduler's, or a depot's.
class [[nodiscard]] global_guard {
 public:
  explicit global_guard(detail::spin_lock& lock) noexcept : lock_(lock) {
    lock_.lock();
    count_global_lock();
  }
  global_guard(const global_guard&) = delete;
  global_guard& operator=(const global_guard&) = delete;
  ~global_guard() { lock_.unlock(); }

 private:
  detail::spin_lock& lock_;
};

/// An atomic that every machine writes.
template <class T>
class shared_atomic {
 public:
  constexpr explicit shared_atomic(T value) noexcept : value_(value) {}

  [[nodiscard]] T load(std::memory_order order = std::memory_order_seq_cst) const noexcept {
    return value_.load(order);
  }
  void store(T value, std::memory_order order = std::memory_order_seq_cst) noexcept {
    count_shared_write();
    value_.store(value, order);
  }
  T fetch_add(T n) noexcept {
    count_shared_write();
    return value_.fetch_add(n);
  }
  T fetch_sub(T n) noexcept {
    count_shared_write();
    return value_.fetch_sub(n);
  }
  bool compare_exchange_strong(T& expected, T desired) noexcept {
    count_shared_write();
    return value_.compare_exchange_strong(expected, desired);
  }

 private:
  std::atomic<T> value_;
};

}  // namespace goro::runtime
