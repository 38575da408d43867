// SPDX-License-Identifier: BSL-1.0
// A processor's queue of runnable goroutines.
//
// The ring holds those that run next, first in, first out. When it is full, its older half goes to the overflow as one
// batch; when it is empty, the newest batch comes back. So a burst of a million goroutines that each make more is
// worked off depth first: there are few at a time that have begun and wait, and their memory is still in the cache.
// Thieves take the oldest batch, which lies furthest from what the owner works on, and so does the owner
// now and then: the oldest goroutine waits for a bounded number of others (find_work()).
//
//   O1  the overflow's batches are guarded by its lock; `batches` may be read without, as a hint
//   O2  a goroutine on its way from the overflow to the ring is in the ring before its batch is uncounted, and empty()
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

#include "sched/goroutine.hpp"
#include "sched/ring_queue.hpp"

namespace goro::runtime {

class run_queue {
 public:
  static constexpr std::uint32_t capacity = 256;  // of the ring
  static constexpr std::uint32_t batch_size = capacity / 2;

  /// Owner only. False: there is no memory for the overflow.
  [[nodiscard]] bool try_push(goroutine* g) noexcept {
    if (ring_.try_push(g)) [[likely]]
      return true;
    return spill_half() && ring_.try_push(g);
  }

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
  [[nodiscard]] goroutine* try_pop_oldest() noexcept;

  /// Any thread. Takes some of the oldest; returns how many.
  [[nodiscard]] std::uint32_t try_take(goroutine* (&out)[batch_size]) noexcept {
    if (has_overflow()) {
      if (const std::uint32_t n = take_oldest_batch(out); n != 0) return n;
    }
    return ring_.try_take_half(out);
  }

  /// Any thread; true is only a hint unless the owner asks.
  [[nodiscard]] bool empty() const noexcept { return !has_overflow() && ring_.empty(); }  // O2
  [[nodiscard]] bool has_overflow() const noexcept { return batches_.load(std::memory_order_acquire) != 0; }
  [[nodiscard]] bool ring_empty() const noexcept { return ring_.empty(); }
  /// Owner only.
  [[nodiscard]] std::uint32_t ring_size() const noexcept { return ring_.size(); }

 private:
  struct batch {
    batch* older = nullptr;
    batch* newer = nullptr;
    std::uint32_t first = 0;  // those before it have left
    std::uint32_t size = 0;
    goroutine* items[batch_size];
  };

  bool spill_half() noexcept;
  void refill() noexcept;
  std::uint32_t take_oldest_batch(goroutine* (&out)[batch_size]) noexcept;
  void unlink(batch* b) noexcept;

  ring_queue<goroutine, capacity> ring_;
  detail::spin_lock lock_;  // guards the list and `first` of its batches
  std::atomic<std::uint32_t> batches_{0};
  batch* newest_ = nullptr;
  batch* oldest_ = nullptr;
};

}  // namespace goro::runtime
