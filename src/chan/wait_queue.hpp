// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <goro/detail/waiter.hpp>

#include "base/check.hpp"
#include "sched/scheduler.hpp"

namespace goro::detail {

// Every function here: the channel's lock is held.

inline void enqueue(wait_queue& queue, waiter& w) noexcept {
  w.queued = true;
  w.next = nullptr;
  w.previous = queue.last;
  if (queue.last != nullptr) [[unlikely]] {
    queue.last->next = &w;
  } else {
    queue.first.store(&w, std::memory_order_release);
  }
  queue.last = &w;
}

/// unlink() for the first one, which is the only one most times.
inline void unlink_first(wait_queue& queue, waiter& w) noexcept {
  waiter* const next = w.next;
  queue.first.store(next, std::memory_order_release);
  if (next == nullptr) [[likely]] {
    queue.last = nullptr;
  } else {
    next->previous = nullptr;
  }
  w.queued = false;
}

inline void unlink(wait_queue& queue, waiter& w) noexcept {
  if (w.previous != nullptr) {
    w.previous->next = w.next;
  } else {
    queue.first.store(w.next, std::memory_order_release);
  }
  if (w.next != nullptr) {
    w.next->previous = w.previous;
  } else {
    queue.last = w.previous;
  }
  w.queued = false;
}

/// Takes out the first waiter whose operation may be completed. One that stands in a select has to be claimed: its
/// other cases may have won meanwhile, and then it leaves this queue by itself. One left over by an ended run()
/// will never go on.
inline waiter* dequeue(wait_queue& queue) noexcept {
  for (;;) {
    waiter* const w = queue.first.load(std::memory_order_relaxed);
    if (w == nullptr) return nullptr;
    unlink_first(queue, *w);
    if (runtime::is_left_over(w->g)) [[unlikely]]
      continue;
    if (w->in_select) {
      waiter* nobody = nullptr;
      if (!w->g->selected.compare_exchange_strong(nobody, w, std::memory_order_acq_rel)) continue;
    }
    return w;
  }
}

enum class channel_step { done, would_wait, closed };

/// One send or receive on a channel whose lock is held, without waiting. `woken` is the partner that is to be made
/// runnable once the lock is free.
channel_step try_send_locked(channel* c, void* value, goroutine*& woken) noexcept;
channel_step try_recv_locked(channel* c, void* into, goroutine*& woken) noexcept;

/// Nobody refers to it any more. Destroys what is buffered.
void destroy_channel(channel* c) noexcept;

}  // namespace goro::detail
