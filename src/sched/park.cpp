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
[[gnu::always_inline]] inline void arrive(machine* m) { m->after(m, m->after_argument); }

[[gnu::always_inline]] inline machine* switch_to_goroutine(machine* m, goroutine* from, goroutine* to) {
  swap_exceptions(*m->exceptions, from->exceptions, to->exceptions);
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
  swap_exceptions(*m->exceptions, from->exceptions, m->own_exceptions);
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

[[gnu::always_inline]] inline machine* switch_to(machine* m, goroutine* to, after_switch_action action,
                                                 void* argument) {
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

void requeue_globally(machine*, void* argument) {
  auto* const g = static_cast<goroutine*>(argument);
  if (is_left_over(g)) return;
  push_global(g);
  wake_if_needed(nullptr);
}

void requeue_behind(machine* m, void* argument) {
  push_local(m, static_cast<goroutine*>(argument));
  wake_if_needed(m);
}

void drop(machine*, void*) {}

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

namespace {

/// A clock read costs as much as a switch: one that goes on in the time slice of another leaves the timers alone most
/// of the time.
bool may_ignore_timers(const processor* p) noexcept { return p->turns % 8 != 0; }

[[gnu::noinline]] machine* switch_away_after_a_look(machine* m, after_switch_action action, void* argument) {
  return switch_to(m, m->g->slow_switch ? nullptr : pick_at_hand(m), action, argument);
}

}  // namespace

/// The way of nearly every switch. It calls nothing that a register would have to be saved for: how many stores there
/// are from one switch to the next is what a switch takes.
machine* switch_away(machine* m, after_switch_action action, void* argument) {
  goroutine* const from = m->g;
  processor* const p = m->p;
  goroutine* to = nullptr;
  if (p->turns > 1 && !from->slow_switch) [[likely]] {
    const bool no_timers = p->timers.next_due() == never;
    if (goroutine* const next = p->run_next.load(std::memory_order_relaxed)) {
      if (no_timers || may_ignore_timers(p)) {
        p->run_next.store(nullptr, std::memory_order_relaxed);
        to = next;
      }
    } else if (no_timers) {
      to = p->queue.try_pop_of_ring();
      if (to != nullptr) begin_slice(p);
    }
  }
  if (to == nullptr) [[unlikely]]
    return switch_away_after_a_look(m, action, argument);
  --p->turns;
  if (to->slow_switch || to->sp == nullptr) [[unlikely]]
    return switch_away_to(m, to, action, argument);
  m->after = action;
  m->after_argument = argument;
  return switch_to_goroutine(m, from, to);
}

machine* switch_away_to(machine* m, goroutine* to, after_switch_action action, void* argument) {
  return switch_to(m, to, action, argument);
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

goroutine* runtime_call::enter_on_thread() {
  ensure_started();
  enter_runtime_annotation();
  return this_thread_proxy();
}

machine* park(machine* m, goroutine* g, after_switch_action action, void* argument, wait_reason reason,
              const void* object) {
  if (m == nullptr) {
    park_thread(g, action, argument, reason, object);
    return nullptr;
  }
  g->reason.store(reason, std::memory_order_relaxed);
  g->wait_object = object;
  g->waiting_since.store(0, std::memory_order_relaxed);
  g->state.store(status::waiting, std::memory_order_relaxed);
  m->count.parks.add();
  m = switch_away(m, action, argument);
  synchronizes_acquire(g);
  return m;
}

/// Those in the overflow and in the global queue have waited for longest. They are let through one at a time, and who
/// yields waits here: were it to queue with them, they would never be none, and every yield would take a lock.
machine* yield(machine* m, goroutine* g) {
  if (m == nullptr) {
    ::sched_yield();
    return nullptr;
  }
  processor* const p = m->p;
  const bool promised = p->run_next.load(std::memory_order_relaxed) != nullptr;
  const bool there_are_more = p->queue.has_overflow() || sched.global_size.load(std::memory_order_relaxed) != 0;
  if (!there_are_more && !promised && p->queue.ring_empty() && p->timers.next_due() == never) return m;
  g->state.store(status::runnable, std::memory_order_relaxed);
  if (g->slow_switch) return switch_away(m, requeue_globally, g);
  if (there_are_more && !promised && p->turns > 1 && may_ignore_timers(p)) {
    if (goroutine* const oldest = pop_oldest(p)) {
      begin_slice(p);
      --p->turns;
      return switch_away_to(m, oldest, requeue_behind, g);
    }
  }
  return switch_away(m, requeue_behind, g);
}

void end_goroutine(machine* m, goroutine* next) {
  goroutine* const g = m->g;
  g->state.store(status::dead, std::memory_order_relaxed);
  switch_away_to(
      m, next, [](machine* now, void* ended) { recycle(now, static_cast<goroutine*>(ended)); }, g);
  check_failed("false", "park: a goroutine that has ended went on", __FILE__, __LINE__, g->id);
}

}  // namespace goro::runtime
