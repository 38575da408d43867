// SPDX-License-Identifier: BSL-1.0
// How a goroutine stops running, and goes on.
//
// A goroutine that parks switches to the next one directly, without a detour over the scheduler's stack, if its
// processor has one at hand. Its own stack is in use until the switch is complete, so what makes it visible as
// parked runs afterwards, on the stack that the switch arrives on:
//
//   parking goroutine G                        waker W
//   K1  queue a waiter, under lock l           W1  lock l
//   K2  choose the next stack                  W2  take the waiter out: W alone has claimed G
//   K3  save registers, switch                 W3  unlock l
//   K4  (on the next stack) unlock l           W4  ready(G): into a run queue
//
//   P1  W2 comes after K4, so G's registers are saved before anybody can run it.
//   P2  After W4, W does not touch G or its waiter: G may be running, or gone.
//
// Why not a word in G that says "parked", set after the switch and swapped by the waker, for every kind of wait?
// It costs two more atomic operations a message, and the queues' own locks give the same guarantee.
// Tested by: model/park.pml, stress/channel_stress, stress/select_stress.
#include <sched.h>

#include "arch/context.hpp"
#include "base/check.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

/// Runs on the stack that was switched to.
[[gnu::always_inline]] inline void arrive(machine* m) { m->after(m->after_argument); }

machine* switch_to_goroutine(machine* m, goroutine* from, goroutine* to) {
  from->exceptions = *m->exceptions;
  *m->exceptions = to->exceptions;
  m->g = to;
  if (to->m != m) {
    if (to->m != nullptr) m->count.migrations.add();
    to->m = m;
  }
  to->state.store(status::running, std::memory_order_relaxed);
  const bool ends = from->state.load(std::memory_order_relaxed) == status::dead;
  if (ends) leave_runtime_annotation();
  before_switch(from->fiber, to->fiber, ends);
  m = static_cast<machine*>(goro_switch(&from->sp, to->sp, m));
  after_switch(from->fiber);
  synchronizes_acquire(&m->fiber);
  arrive(m);
  return m;
}

machine* switch_to_scheduler(machine* m, goroutine* from) {
  from->exceptions = *m->exceptions;
  *m->exceptions = m->own_exceptions;
  m->g = nullptr;
  const bool ends = from->state.load(std::memory_order_relaxed) == status::dead;
  if (ends) leave_runtime_annotation();
  before_switch(from->fiber, m->fiber, ends);
  m = static_cast<machine*>(goro_switch(&from->sp, m->scheduler_sp, m));
  after_switch(from->fiber);
  synchronizes_acquire(&m->fiber);
  arrive(m);
  return m;
}

void requeue_globally(void* argument) {
  auto* const g = static_cast<goroutine*>(argument);
  if (is_left_over(g)) return;
  push_global(g);
  wake_if_needed(nullptr);
}

void requeue_behind(void* argument) {
  machine* const m = this_machine();
  push_local(m, static_cast<goroutine*>(argument));
  wake_if_needed(m);
}

void drop(void*) {}

/// m's goroutine has lost its processor. Returns when it has one again, on whichever machine.
machine* regain_processor(machine* m) {
  goroutine* const g = m->g;
  m->p = nullptr;
  if (is_left_over(g)) {
    m->after = drop;
  } else {
    if (try_take_idle_processor(m)) {
      g->state.store(status::running, std::memory_order_relaxed);
      return m;
    }
    g->state.store(status::runnable, std::memory_order_relaxed);
    synchronizes_release(g);
    m->after = requeue_globally;
  }
  m->after_argument = g;
  m = switch_to_scheduler(m, g);
  synchronizes_acquire(g);
  return m;
}

/// The time slice is over: others first.
machine* yield_to_everybody(machine* m) {
  goroutine* const g = m->g;
  if (is_left_over(g)) return switch_away(m, drop, nullptr);
  g->state.store(status::runnable, std::memory_order_relaxed);
  return switch_away(m, requeue_globally, g);
}

}  // namespace

goroutine* pick_at_hand(machine* m) {
  processor* const p = m->p;
  if (++p->tick % 61 == 0) return nullptr;
  if (const std::int64_t due = p->timers.next_due(); due != never && due <= now_ns()) return nullptr;
  bool inherits = false;
  goroutine* const g = pop_local(p, inherits);
  if (g != nullptr && !inherits) begin_slice(p);
  return g;
}

machine* switch_away(machine* m, after_switch_action action, void* argument) {
  return switch_away_to(m, m->g->slow_switch ? nullptr : pick_at_hand(m), action, argument);
}

machine* switch_away_to(machine* m, goroutine* to, after_switch_action action, void* argument) {
  goroutine* const from = m->g;
  m->after = action;
  m->after_argument = argument;
  if (to != nullptr) [[likely]] {
    if (!to->slow_switch) [[likely]] {
      if (to->sp == nullptr) give_stack(m, to);
      return switch_to_goroutine(m, from, to);
    }
    m->picked = to;
  }
  return switch_to_scheduler(m, from);
}

machine* enter_slow(machine* m) {
  for (;;) {
    lease now = m->p_lease.load(std::memory_order_acquire);
    switch (now) {
      case lease::held: return m;
      case lease::taking: ::sched_yield(); break;
      case lease::expired:
        if (m->p_lease.compare_exchange_strong(now, lease::held)) m = yield_to_everybody(m);
        break;
      case lease::lost: m = regain_processor(m); break;
    }
  }
}

void runtime_call::enter_on_thread() {
  ensure_started();
  enter_runtime_annotation();
  g_ = this_thread_proxy();
}

void runtime_call::park(after_switch_action action, void* argument, wait_reason reason, const void* object) {
  if (m_ == nullptr) {
    park_thread(g_, action, argument, reason, object);
    return;
  }
  g_->reason.store(reason, std::memory_order_relaxed);
  g_->wait_object = object;
  g_->waiting_since.store(0, std::memory_order_relaxed);
  g_->state.store(status::waiting, std::memory_order_relaxed);
  m_->count.parks.add();
  m_ = switch_away(m_, action, argument);
  synchronizes_acquire(g_);
}

void runtime_call::ready(goroutine* g) { runtime::ready(m_, g); }

void runtime_call::yield() {
  if (m_ == nullptr) {
    ::sched_yield();
    return;
  }
  const processor* const p = m_->p;
  const bool there_are_more = p->queue.has_overflow() || sched.global_size.load(std::memory_order_relaxed) != 0;
  if (!there_are_more && p->run_next.load(std::memory_order_relaxed) == nullptr && p->queue.empty() &&
      p->timers.next_due() == never)
    return;
  g_->state.store(status::runnable, std::memory_order_relaxed);
  m_ = switch_away(m_, g_->slow_switch || there_are_more ? requeue_globally : requeue_behind, g_);
}

void end_goroutine(machine* m, goroutine* next) {
  goroutine* const g = m->g;
  g->state.store(status::dead, std::memory_order_relaxed);
  switch_away_to(
      m, next, [](void* ended) { recycle(this_machine(), static_cast<goroutine*>(ended)); }, g);
  check_failed("false", "park: a goroutine that has ended went on", __FILE__, __LINE__, g->id);
}

}  // namespace goro::runtime
