// SPDX-License-Identifier: BSL-1.0
#include "time/timer_heap.hpp"

#include <algorithm>
#include <mutex>

#include "base/check.hpp"

namespace goro::runtime {

using guard = std::lock_guard<detail::spin_lock>;

void timer_heap::place(std::size_t at, entry e) noexcept {
  entries_[at] = e;
  e.t->index = static_cast<std::uint32_t>(at);
}

void timer_heap::sift_up(std::size_t at, entry e) noexcept {
  while (at != 0) {
    const std::size_t parent = (at - 1) / 4;
    if (entries_[parent].when <= e.when) break;
    place(at, entries_[parent]);
    at = parent;
  }
  place(at, e);
}

void timer_heap::sift_down(std::size_t at, entry e) noexcept {
  for (;;) {
    const std::size_t first = at * 4 + 1;
    if (first >= entries_.size()) break;
    std::size_t least = first;
    for (std::size_t child = first + 1; child < std::min(first + 4, entries_.size()); ++child)
      if (entries_[child].when < entries_[least].when) least = child;
    if (e.when <= entries_[least].when) break;
    place(at, entries_[least]);
    at = least;
  }
  place(at, e);
}

void timer_heap::settle(std::size_t at, entry e) noexcept {
  if (at != 0 && e.when < entries_[(at - 1) / 4].when) {
    sift_up(at, e);
  } else {
    sift_down(at, e);
  }
}

void timer_heap::publish() noexcept {
  next_due_.store(entries_.empty() ? never : entries_[0].when, std::memory_order_release);
  size_.store(entries_.size(), std::memory_order_release);
}

void timer_heap::insert(timer& t) {
  GORO_CHECK(t.heap.load(std::memory_order_relaxed) == nullptr, "timer: H1: a timer is in one heap or in none");
  entries_.push_back({t.when, &t});
  t.heap.store(this, std::memory_order_release);
  sift_up(entries_.size() - 1, {t.when, &t});
}

void timer_heap::erase(std::size_t at) {
  GORO_CHECK(at < entries_.size(), "timer: H1: a timer knows its place", at, entries_.size());
  const entry last = entries_.back();
  entries_.pop_back();
  if (at != entries_.size()) settle(at, last);
}

void timer_heap::add(timer& t) {
  const guard hold(lock_);
  insert(t);
  publish();
}

bool timer_heap::rearm(timer& t, std::int64_t when, std::uint32_t era, bool of_thread) {
  if (t.heap.load(std::memory_order_relaxed) != this) return false;
  const guard hold(lock_);
  if (t.heap.load(std::memory_order_relaxed) != this) return false;
  t.when = when;
  t.era = era;
  t.of_thread = of_thread;
  settle(t.index, {when, &t});
  publish();
  return true;
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
    timer* const t = entries_[0].t;
    if (t->period == 0) {
      erase(0);
    } else {
      t->when = next_tick(t->when, t->period, now);
      sift_down(0, {t->when, t});
    }
    t->fire(t, now, woken);  // clears t->heap if it has left
  }
  publish();
}

bool timer_heap::remove(const runtime_call& /*call*/, timer& t) {
  for (;;) {
    timer_heap* const heap = t.heap.load(std::memory_order_acquire);
    if (heap == nullptr) return false;
    const guard hold(heap->lock_);
    if (t.heap.load(std::memory_order_relaxed) != heap) continue;
    heap->erase(t.index);
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
      if (entries_.empty()) return;
      t = entries_.back().t;
      erase(entries_.size() - 1);
      t->heap.store(nullptr, std::memory_order_release);
      publish();
    }
    other.add(*t);
  }
}

void timer_heap::drop_before(std::uint32_t era) {
  const guard hold(lock_);
  for (std::size_t i = entries_.size(); i-- > 0;)
    if (!entries_[i].t->of_thread && entries_[i].t->era < era) entries_[i].t->heap.store(nullptr);
  std::erase_if(entries_, [](const entry& e) { return e.t->heap.load(std::memory_order_relaxed) == nullptr; });
  std::sort(entries_.begin(), entries_.end(), [](const entry& a, const entry& b) { return a.when < b.when; });
  for (std::size_t i = 0; i < entries_.size(); ++i) place(i, entries_[i]);
  publish();
}

}  // namespace goro::runtime
