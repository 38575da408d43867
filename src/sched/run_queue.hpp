// SPDX-License-Identifier: BSL-1.0
// A processor's queue of runnable goroutines.
//
// The ring holds those that run next, first in, first out. When it is full, its older half goes to the overflow; when it
// is empty, the newest half ring of the overflow comes back. So a burst of a million goroutines that each make more is
// worked off depth first: there are few at a time that have begun and wait, and their memory is still in the cache.
// Thieves take the oldest ones, which lie furthest from what the owner works on, and so does the owner now
// and then: the oldest goroutine waits for a bounded number of others (find_work()).
//
// The overflow is a list of pages of their own: a burst's memory goes back to the kernel with it.
//
//   O1  the overflow is guarded by its lock; whether there are pages may be asked without, as a hint
//   O2  a goroutine on its way from the overflow to the ring is in the ring before its page is uncounted, and empty()
//       asks for the overflow first: one who looks whether there is anything to do (W4 in idle.cpp) cannot miss it.
//       One on its way from the ring to the overflow may be missed, but then a push follows, and S3 in ready.cpp
//
// Why not one list for all processors, as in Go? First in, first out a burst that exceeds the cache leaves it
// before it is run, every time; and the list's lock is everybody's.
// Tested by: unit/run_queue_test, stress/steal_stress.
#pragma once

#include <atomic>
#include <cstdint>

#include <goro/detail/spin_lock.hpp>

#include "os/memory.hpp"
#include "sched/goroutine.hpp"
#include "sched/ring_queue.hpp"

namespace goro::runtime {

class run_queue {
 public:
  static constexpr std::uint32_t capacity = 256;  // of the ring
  static constexpr std::uint32_t batch_size = capacity / 2;

  /// Owner only. False: there is no memory for the overflow.
  [[nodiscard]] bool try_push(goroutine* g) noexcept {
    return try_push_to_ring(g) || (spill_half() && ring_.try_push(g));
  }
  /// Owner only. False: the ring is full.
  [[nodiscard]] bool try_push_to_ring(goroutine* g) noexcept { return ring_.try_push(g); }

  /// Owner only. The next one to run, or null.
  [[nodiscard]] goroutine* try_pop() noexcept {
    for (;;) {
      if (goroutine* const g = ring_.try_pop()) [[likely]]
        return g;
      if (!has_overflow()) return nullptr;
      refill();
    }
  }

  /// Owner only. The same, but leaves the overflow where it is.
  [[nodiscard]] goroutine* try_pop_of_ring() noexcept { return ring_.try_pop(); }

  /// Owner only. The one that has waited in the overflow for longest, or null.
  [[nodiscard]] goroutine* try_pop_oldest() noexcept {
    goroutine* oldest = nullptr;
    return has_overflow() && take_oldest(&oldest, 1) != 0 ? oldest : nullptr;
  }

  /// Any thread. Takes some of the oldest; returns how many.
  [[nodiscard]] std::uint32_t try_take(goroutine* (&out)[batch_size]) noexcept {
    if (has_overflow()) {
      if (const std::uint32_t n = take_oldest(out, batch_size); n != 0) return n;
    }
    return ring_.try_take_half(out);
  }

  /// Any thread; true is only a hint unless the owner asks.
  [[nodiscard]] bool empty() const noexcept { return !has_overflow() && ring_.empty(); }  // O2
  [[nodiscard]] bool has_overflow() const noexcept { return pages_.load(std::memory_order_acquire) != 0; }
  [[nodiscard]] bool ring_empty() const noexcept { return ring_.empty(); }
  /// Owner only.
  [[nodiscard]] std::uint32_t ring_size() const noexcept { return ring_.size(); }

 private:
  /// Giving one back interrupts every CPU that runs this process, so one of the kernel's pages is too little.
  static constexpr std::size_t overflow_page_size = 8 * page_size;
  struct page {
    page* older = nullptr;
    page* newer = nullptr;
    std::uint32_t first = 0;  // [first, end) are taken
    std::uint32_t end = 0;
    goroutine* items[(overflow_page_size - 2 * sizeof(page*) - 2 * sizeof(std::uint32_t)) / sizeof(goroutine*)];

    [[nodiscard]] std::uint32_t size() const noexcept { return end - first; }
  };
  static_assert(sizeof(page) <= overflow_page_size);

  bool spill_half() noexcept;
  void refill() noexcept;
  [[nodiscard]] std::uint32_t take_oldest(goroutine** out, std::uint32_t most) noexcept;
  [[nodiscard]] page* newest_with_room() noexcept;
  void drop_if_empty(page* p) noexcept;

  ring_queue<goroutine, capacity> ring_;
  detail::spin_lock lock_;  // guards all below
  std::atomic<std::uint32_t> pages_{0};
  page* newest_ = nullptr;
  page* oldest_ = nullptr;
  page* spare_ = nullptr;
};

}  // namespace goro::runtime
