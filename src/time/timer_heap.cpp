// SPDX-License-Identifier: BSL-1.0
#include "time/timer_heap.hpp"

#include <algorithm>
#include <mutex>

#include "base/check.hpp"

namespace goro::runtime {

using guard = std::lock_guard<detail::spin_lock>;

namespace {

/// A sleep cannot be cut short.
bool is_alarm(const timer& t) noexcept { return t.fire == wake_sleeper; }

}  // namespace

void timer_heap::sift_up(std::size_t n, entry e) noexcept {
  for (; n != top && entries_[parent(n)].when > e.when; n = parent(n)) entries_[n] = entries_[parent(n)];
  entries_[n] = e;
}

/// Of the entry at `first` and its siblings. Which one it is cannot be predicted, so there is no branch for it.
inline std::size_t timer_heap::first_due(std::size_t first) const noexcept {
  if (first + 4 > entries_.size()) [[unlikely]] {
    std::size_t least = first;
    for (std::size_t child = first + 1; child < entries_.size(); ++child)
      if (entries_[child].when < entries_[least].when) least = child;
    return least;
  }
  const entry* const of = entries_.data() + first;
  const std::size_t left = of[1].when < of[0].when ? 1 : 0;
  const std::size_t right = of[3].when < of[2].when ? 3 : 2;
  return first + left + (right - left) * (of[right].when < of[left].when ? 1 : 0);
}

void timer_heap::sift_down(std::size_t n, entry e) noexcept {
  const std::size_t end = entries_.size();
  for (;;) {
    const std::size_t first = first_child(n);
    if (first >= end) break;
    if (const std::size_t theirs = first_child(first); theirs < end)  // whichever is the least: they are there then
      for (std::size_t child = 0; child < 4; ++child) __builtin_prefetch(entries_.data() + theirs + 4 * child, 1);
    const std::size_t least = first_due(first);
    if (e.when <= entries_[least].when) break;
    entries_[n] = entries_[least];
    n = least;
  }
  entries_[n] = e;
}

void timer_heap::publish() noexcept {
  next_due_.store(live_ == 0 ? never : entries_[top].when, std::memory_order_release);
  size_.store(live_, std::memory_order_release);
}

inline void timer_heap::make_slot() {
  // Giving slots back must not fail later.
  if (free_slots_.capacity() <= slots_.size()) free_slots_.reserve(2 * slots_.size() + 8);
  slots_.push_back(nullptr);
  free_slots_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
}

void timer_heap::insert(timer& t) {
  if (entries_.empty()) entries_.resize(top);
  if (is_alarm(t)) {
    entries_.emplace_back(t.when, &t);
  } else {
    if (free_slots_.empty()) make_slot();
    entries_.emplace_back(t.when, free_slots_.back());
    t.slot = free_slots_.back();
    t.entry_when = t.when;
    free_slots_.pop_back();
    slots_[t.slot] = &t;
  }
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
  if (!entries_.empty()) entries_.erase(entries_.begin() + top, entries_.end());
  slots_.clear();
  free_slots_.clear();
}

void timer_heap::drop_first() noexcept {
  if (const entry first = entries_[top]; first.has_slot()) {
    slots_[first.slot()] = nullptr;
    free_slots_.push_back(first.slot());
  }
  const entry last = entries_.back();
  entries_.pop_back();
  if (!no_entries()) sift_down(top, last);
}

void timer_heap::drop_empty() noexcept {
  if (no_entries()) return;
  const auto empty = [this](const entry& e) {
    if (timer_of(e) != nullptr) return false;
    if (e.has_slot()) free_slots_.push_back(e.slot());
    return true;
  };
  entries_.erase(std::remove_if(entries_.begin() + top, entries_.end(), empty), entries_.end());
  for (std::size_t n = parent(entries_.size()) + 1; n-- > top;)
    if (n < entries_.size()) sift_down(n, entries_[n]);
}

/// Those that wait lie far apart, and none of them is in the cache any more. One of the first one's children is the next
/// but one.
void timer_heap::fetch_next() const noexcept {
  const std::size_t first = first_child(top);
  for (std::size_t child = first; child < std::min(first + 4, entries_.size()); ++child) {
    const entry& e = entries_[child];
    if (e.has_slot()) {
      __builtin_prefetch(slots_[e.slot()], 1);
    } else {
      __builtin_prefetch(e.alarm(), 1);
      __builtin_prefetch(sleeper_of(e.alarm()), 1);
    }
  }
}

/// It is the next one for sure, though not due yet: by the time that it is, also its stack is there.
void timer_heap::fetch_first() const noexcept {
  if (!no_entries() && !entries_[top].has_slot()) fetch_goroutine(sleeper_of(entries_[top].alarm()));
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
  std::int64_t fired = 0;
  while (!no_entries() && entries_[top].when <= now) {
    const entry first = entries_[top];
    timer* const t = timer_of(first);
    if (t == nullptr) {
      drop_first();
      continue;
    }
    const bool due = !first.has_slot() || t->when <= now;
    if (due && t->period == 0) {
      drop_first();
      --live_;
    } else {
      if (due) t->when = next_tick(t->when, t->period, now);
      t->entry_when = t->when;
      sift_down(top, {t->when, t->slot});
    }
    fetch_next();
    if (!due) continue;
    t->fire(t, now, woken);  // clears t->heap if it has left
    ++fired;
  }
  fetch_first();
  fired_.store(fired_.load(std::memory_order_relaxed) + fired, std::memory_order_relaxed);
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
      while (!no_entries() && t == nullptr) {
        t = timer_of(entries_.back());
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
  for (std::size_t n = top; n < entries_.size(); ++n) {
    entry& e = entries_[n];
    timer* const t = timer_of(e);
    if (t == nullptr || t->era >= era) continue;
    t->heap.store(nullptr);
    if (e.has_slot()) {
      slots_[e.slot()] = nullptr;
    } else {
      e = {e.when, nullptr};
    }
    --live_;
  }
  drop_empty();
  publish();
}

}  // namespace goro::runtime
