// SPDX-License-Identifier: BSL-1.0
#include "time/timer_heap.hpp"

#include <algorithm>
#include <mutex>

#include "base/check.hpp"

namespace goro::runtime {

using guard = std::lock_guard<detail::spin_lock>;

void timer_heap::sift_up(std::size_t at, entry e) noexcept {
  while (at != 0) {
    const std::size_t parent = (at - 1) / 4;
    if (entries_[parent].when <= e.when) break;
    entries_[at] = entries_[parent];
    at = parent;
  }
  entries_[at] = e;
}

void timer_heap::sift_down(std::size_t at, entry e) noexcept {
  for (;;) {
    const std::size_t first = at * 4 + 1;
    if (first >= entries_.size()) break;
    std::size_t least = first;
    for (std::size_t child = first + 1; child < std::min(first + 4, entries_.size()); ++child)
      if (entries_[child].when < entries_[least].when) least = child;
    if (e.when <= entries_[least].when) break;
    entries_[at] = entries_[least];
    at = least;
  }
  entries_[at] = e;
}

void timer_heap::publish() noexcept {
  next_due_.store(live_ == 0 ? never : entries_[0].when, std::memory_order_release);
  size_.store(live_, std::memory_order_release);
}

void timer_heap::insert(timer& t) {
  if (free_slots_.empty()) {
    // Giving slots back must not fail later.
    if (free_slots_.capacity() <= slots_.size()) free_slots_.reserve(2 * slots_.size() + 8);
    slots_.push_back(nullptr);
    free_slots_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
  }
  entries_.push_back({t.when, free_slots_.back()});
  t.slot = free_slots_.back();
  t.entry_when = t.when;
  free_slots_.pop_back();
  slots_[t.slot] = &t;
  t.heap.store(this, std::memory_order_release);
  ++live_;
  sift_up(entries_.size() - 1, entries_.back());
}

/// Its entry stays behind, unless that makes too many.
void timer_heap::empty_slot(timer& t) noexcept {
  GORO_CHECK(slots_[t.slot] == &t, "timer: H1: a timer knows its slot", t.slot, slots_.size());
  slots_[t.slot] = nullptr;
  --live_;
  if (live_ == 0) {
    clear();
  } else if (entries_.size() > 2 * live_ + 64) {
    drop_empty();
  }
}

void timer_heap::clear() noexcept {
  if (entries_.capacity() > 4096) {  // a burst's memory
    entries_ = {};
    slots_ = {};
    free_slots_ = {};
    return;
  }
  entries_.clear();
  slots_.clear();
  free_slots_.clear();
}

void timer_heap::drop_first() noexcept {
  slots_[entries_[0].slot] = nullptr;
  free_slots_.push_back(entries_[0].slot);
  const entry last = entries_.back();
  entries_.pop_back();
  if (!entries_.empty()) sift_down(0, last);
}

void timer_heap::drop_empty() noexcept {
  std::erase_if(entries_, [this](const entry& e) {
    if (slots_[e.slot] != nullptr) return false;
    free_slots_.push_back(e.slot);
    return true;
  });
  for (std::size_t i = entries_.size() / 4 + 1; i-- > 0;)
    if (i < entries_.size()) sift_down(i, entries_[i]);
}

/// Those that wait lie far apart, and none of them is in the cache any more. One of the first one's children is the next.
void timer_heap::fetch_next() const noexcept {
  for (std::size_t child = 1; child < std::min<std::size_t>(5, entries_.size()); ++child)
    __builtin_prefetch(slots_[entries_[child].slot], 1);
}

/// It is the next one for sure, though not due yet: by the time that it is, also its stack is there.
void timer_heap::fetch_first() const noexcept {
  timer* const t = entries_.empty() ? nullptr : slots_[entries_[0].slot];
  if (t != nullptr && t->fire == wake_sleeper) prefetch_stack(sleeper_of(t));
}

void timer_heap::add(timer& t) {
  const guard hold(lock_);
  GORO_CHECK(t.heap.load(std::memory_order_relaxed) == nullptr, "timer: H1: a timer is in one heap or in none");
  insert(t);
  publish();
}

timer_heap::rearmed timer_heap::rearm(timer& t, std::int64_t when, std::uint32_t era) {
  if (t.heap.load(std::memory_order_relaxed) != this) return rearmed::no;
  const guard hold(lock_);
  if (t.heap.load(std::memory_order_relaxed) != this) return rearmed::no;
  t.when = when;
  t.era = era;
  if (when >= t.entry_when) return rearmed::later;  // H2 holds
  empty_slot(t);
  insert(t);
  publish();
  return rearmed::earlier;
}

namespace {

/// The first of the times when + n × period after now: ticks that nobody could have seen are left out.
std::int64_t next_tick(std::int64_t when, std::int64_t period, std::int64_t now) noexcept {
  const std::int64_t missed = (now - when) / period;
  const std::int64_t last = when + missed * period;
  return period >= never - 1 - last ? never - 1 : last + period;
}

}  // namespace

void timer_heap::run_due(std::int64_t now, goroutine_list& woken) {
  const guard hold(lock_);
  while (!entries_.empty() && entries_[0].when <= now) {
    fetch_next();
    timer* const t = slots_[entries_[0].slot];
    if (t == nullptr) {
      drop_first();
      continue;
    }
    const bool due = t->when <= now;
    if (due && t->period == 0) {
      drop_first();
      --live_;
    } else {
      if (due) t->when = next_tick(t->when, t->period, now);
      t->entry_when = t->when;
      sift_down(0, {t->when, t->slot});
    }
    if (due) t->fire(t, now, woken);  // clears t->heap if it has left
  }
  fetch_first();
  publish();
}

bool timer_heap::remove(const runtime_call& /*call*/, timer& t) {
  for (;;) {
    timer_heap* const heap = t.heap.load(std::memory_order_acquire);
    if (heap == nullptr) return false;
    const guard hold(heap->lock_);
    if (t.heap.load(std::memory_order_relaxed) != heap) continue;
    heap->empty_slot(t);
    t.heap.store(nullptr, std::memory_order_release);
    heap->publish();
    return true;
  }
}

void timer_heap::move_to(timer_heap& other) {
  for (;;) {
    timer* t = nullptr;
    {
      const guard hold(lock_);
      while (!entries_.empty() && t == nullptr) {
        t = slots_[entries_.back().slot];
        entries_.pop_back();
      }
      if (t != nullptr) {
        --live_;
        t->heap.store(nullptr, std::memory_order_release);
      } else {
        clear();
      }
      publish();
    }
    if (t == nullptr) return;
    other.add(*t);
  }
}

void timer_heap::drop_before(std::uint32_t era) {
  const guard hold(lock_);
  for (const entry& e : entries_) {
    timer* const t = slots_[e.slot];
    if (t == nullptr || t->era >= era) continue;
    t->heap.store(nullptr);
    slots_[e.slot] = nullptr;
    --live_;
  }
  drop_empty();
  publish();
}

}  // namespace goro::runtime
