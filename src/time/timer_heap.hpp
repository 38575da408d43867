// SPDX-License-Identifier: BSL-1.0
// A processor's timers: a 4-ary heap of entries by due time. Any machine may run what is due in any heap.
//
// An entry refers to its timer by way of a slot that both keep while the entry moves about, so moving it touches
// nothing but the heap's own array. A timer that is cancelled leaves its slot empty, and the entry behind; a timer that
// is set to a later time leaves its entry where it is. Both are put right when the entry comes up, or when there are
// more empty slots than timers. Most timers are timeouts: cancelled, or set again, long before they are due.
//
// Who sleeps cannot be woken before its time: its entry needs no slot, and refers to its alarm. Where many sleep, each
// place in memory that one of them needs is a place that is in no cache.
//
//   H1  a timer is in one heap or in none, and says which; both change under the heap's lock
//   H2  the parent of an entry is never due later than the entry, and an entry never later than its timer
//   H3  next_due() is the first entry's time, or never if there is no timer: nothing is due before
//   H4  a timer that fires still says which heap it is in until its fire function is done with what it belongs to, so
//       that whoever removes it to free that waits for the lock
//   H5  a slot belongs to one entry from the entry's beginning to its end: an empty one is not given out again before
//   H6  the four children of an entry are one cache line
//
// Tested by: unit/timer_heap_test, conformance/timer_*, stress/timers_stress.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <goro/detail/spin_lock.hpp>

#include "base/line_allocator.hpp"
#include "os/clock.hpp"
#include "sched/goroutine.hpp"
#include "time/timer.hpp"

namespace goro::runtime {

class runtime_call;

/// Of the alarms of those who sleep: sleeper_of() is for these.
void wake_sleeper(timer* t, std::int64_t now, goroutine_list& woken);

class timer_heap {
 public:
  timer_heap() = default;
  timer_heap(const timer_heap&) = delete;
  timer_heap& operator=(const timer_heap&) = delete;

  /// t must be in no heap.
  void add(timer& t);
  enum class rearmed : std::uint8_t {
    no,  // it is not in this heap
    later,  // or as before: next_due() stays
    earlier,
  };
  /// Gives t, if it is in this heap, another time, and what else it is armed with.
  [[nodiscard]] rearmed rearm(timer& t, std::int64_t when, std::uint32_t era);
  /// Fires what is due at `now`.
  void run_due(std::int64_t now, goroutine_list& woken);
  [[nodiscard]] std::int64_t next_due() const noexcept { return next_due_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  /// How many have fired since the program began.
  [[nodiscard]] std::int64_t fired() const noexcept { return fired_.load(std::memory_order_relaxed); }
  /// Moves everything to another heap; no lock of the two is held, the world is stopped.
  void move_to(timer_heap& other);
  /// Takes out the timers of goroutines of eras before `era`. The world is stopped.
  void drop_before(std::uint32_t era);

  /// True if t was in a heap: it will not fire. Not to be called outside the runtime: it moves timers that lie on the
  /// stacks of others, and holds a lock that nobody waits for long.
  static bool remove(const runtime_call& call, timer& t);

 private:
  class entry {
   public:
    entry() = default;
    entry(std::int64_t due, timer* alarm) noexcept : when(due), referred_(reinterpret_cast<std::uintptr_t>(alarm)) {}
    entry(std::int64_t due, std::uint32_t slot) noexcept : when(due), referred_(std::uint64_t{slot} << 1 | 1) {}

    [[nodiscard]] bool has_slot() const noexcept { return (referred_ & 1) != 0; }
    [[nodiscard]] std::uint32_t slot() const noexcept { return static_cast<std::uint32_t>(referred_ >> 1); }
    [[nodiscard]] timer* alarm() const noexcept {  // null: of nobody any more
      return reinterpret_cast<timer*>(referred_);
    }

    std::int64_t when;

   private:
    std::uint64_t referred_;
  };
  static_assert(sizeof(entry) == 16);

  // The first entry is the last one of the first line, so that the children of the one at n are line n - 2 (H6).
  static constexpr std::size_t top = 3;
  static std::size_t first_child(std::size_t n) noexcept { return (n - 2) * 4; }
  static std::size_t parent(std::size_t n) noexcept { return n / 4 + 2; }
  [[nodiscard]] bool no_entries() const noexcept { return entries_.size() <= top; }

  [[nodiscard]] timer* timer_of(const entry& e) const noexcept { return e.has_slot() ? slots_[e.slot()] : e.alarm(); }
  void make_slot();
  void insert(timer& t);
  void empty_slot(timer& t) noexcept;
  void clear() noexcept;
  void drop_first() noexcept;
  void drop_empty() noexcept;  // all entries whose slot is empty
  void sift_up(std::size_t n, entry e) noexcept;
  void sift_down(std::size_t n, entry e) noexcept;
  [[nodiscard]] std::size_t first_due(std::size_t first) const noexcept;
  void fetch_next() const noexcept;
  void fetch_first() const noexcept;
  void publish() noexcept;

  detail::spin_lock lock_;
  std::vector<entry, line_allocator<entry>> entries_;  // from `top`
  std::vector<timer*> slots_;  // null: empty
  std::vector<std::uint32_t> free_slots_;
  std::size_t live_ = 0;  // entries whose slot, if they have one, is not empty
  std::atomic<std::int64_t> next_due_{never};
  std::atomic<std::size_t> size_{0};
  std::atomic<std::int64_t> fired_{0};  // written under the lock
};

}  // namespace goro::runtime
