// SPDX-License-Identifier: BSL-1.0
// A ring that its owner fills and empties, and that thieves empty.
//
// Invariants
//   Q1  slots [head, tail) hold items; tail - head <= capacity
//   Q2  only the owner writes tail; head moves by compare-and-swap, by whoever takes
//   Q3  an item leaves the ring exactly once: the swap of head commits the take, what was read before a swap
//       that fails is dropped unread
//
// Memory order: R1 (tail, release) publishes a slot to A1 (acquire). R2 (head, release) gives slots back to A2.
// Tested by: unit/run_queue_test, stress/steal_stress.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/check.hpp"

namespace goro::runtime {

template <class T, std::uint32_t Capacity>
class ring_queue {
  static_assert((Capacity & (Capacity - 1)) == 0);

 public:
  static constexpr std::uint32_t capacity = Capacity;

  /// Owner only. False: full.
  [[nodiscard]] bool try_push(T* item) noexcept {
    const std::uint32_t head = head_.load(std::memory_order_acquire);  // A2
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);  // Q2: owner is the only writer
    if (tail - head >= capacity) {
      GORO_CHECK(tail - head == capacity, "run queue: Q1: the ring never holds more than its capacity", head, tail);
      return false;
    }
    slots_[tail % capacity].store(item, std::memory_order_relaxed);
    tail_.store(tail + 1, std::memory_order_release);  // R1
    return true;
  }

  /// Owner only. The oldest, or null.
  [[nodiscard]] T* try_pop() noexcept {
    std::uint32_t head = head_.load(std::memory_order_acquire);  // A2
    for (;;) {
      if (tail_.load(std::memory_order_relaxed) == head) return nullptr;
      T* const item = slots_[head % capacity].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, head + 1, std::memory_order_release, std::memory_order_acquire))  // R2
        return item;
    }
  }

  /// Any thread. Takes half of what is there, the older half, into out (room for capacity / 2); returns how many.
  [[nodiscard]] std::uint32_t try_take_half(T** out) noexcept {
    std::uint32_t head = head_.load(std::memory_order_acquire);  // A2
    for (;;) {
      const std::uint32_t tail = tail_.load(std::memory_order_acquire);  // A1
      const std::uint32_t there = tail - head;
      const std::uint32_t n = there - there / 2;
      if (n == 0) return 0;
      if (there > capacity) {  // head and tail were read at different times
        head = head_.load(std::memory_order_acquire);
        continue;
      }
      for (std::uint32_t i = 0; i < n; ++i) out[i] = slots_[(head + i) % capacity].load(std::memory_order_relaxed);
      if (head_.compare_exchange_weak(head, head + n, std::memory_order_release, std::memory_order_acquire))  // R2
        return n;
    }
  }

  /// Any thread; true is only a hint unless the owner asks.
  [[nodiscard]] bool empty() const noexcept {
    return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire);
  }
  [[nodiscard]] std::uint32_t size() const noexcept {
    return tail_.load(std::memory_order_acquire) - head_.load(std::memory_order_acquire);
  }

 private:
  alignas(64) std::atomic<std::uint32_t> head_{0};
  alignas(64) std::atomic<std::uint32_t> tail_{0};
  std::atomic<T*> slots_[Capacity]{};
};

}  // namespace goro::runtime
