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
//   P3  W3 and W4 may change places where W makes many runnable: G waits for l then if it needs it, and whoever frees what l
//       lies in takes l first.
//
// K3 is a call that goro_wait() makes, the same one for all that wait or end: so the first return behind the switch is
// the one that the processor expects (docs/decisions/0010).
//
// Why not a word in G that says "parked", set after the switch and swapped by the waker, for every kind of wait?
// It costs two more atomic operations a message, and the queues' own locks give the same guarantee.
// Tested by: model/park.pml, stress/channels_stress, stress/select_stress, stress/takeaway_stress.
#include <sched.h>

#include <utility>

#include "base/check.hpp"
#include "sched/scheduler.hpp"
#include "sched/switch.hpp"

namespace goro::runtime {

namespace {

[[gnu::always_inline]] inline machine* stop(machine* m, goroutine* from, stopped_stack to, after_switch_action action,
                                            void* argument) {
  const bool ends = sanitizer_follows_switches && from->state.load(std::memory_order_relaxed) == status::dead;
  return switch_stacks(m, {from->sp, from->fiber}, to, ends, action, argument);
}

machine* switch_to_scheduler(machine* m, after_switch_action action, void* argument) {
  goroutine* const from = m->g;
  swap_exceptions(*m->exceptions, from->exceptions, m->own_exceptions);
  m->g = nullptr;
  return stop(m, from, {m->scheduler_sp, m->fiber}, action, argument);
}

/// To one without a stack, or one that has to be switched to from the scheduler's stack.
[[gnu::noinline]] machine* switch_slowly(machine* m, goroutine* to, after_switch_action action, void* argument);

/// Ends in a jump to goro_switch(), which ends in one to the action: as few instructions as there can be between the caller
/// and the next goroutine (docs/decisions/0003).
[[gnu::noinline]] machine* switch_to(machine* m, goroutine* to, after_switch_action action, void* argument) {
  if (to->slow_switch || to->sp == nullptr) [[unlikely]]
    return switch_slowly(m, to, action, argument);
  goroutine* const from = m->g;
  swap_exceptions(*m->exceptions, from->exceptions, to->exceptions);
  m->g = to;
  if (to->m != m) {
    if (to->m != nullptr) m->count.migrations.add();
    to->m = m;
  }
  to->state.store(status::running, std::memory_order_relaxed);
  return stop(m, from, {to->sp, to->fiber}, action, argument);
}

machine* switch_slowly(machine* m, goroutine* to, after_switch_action action, void* argument) {
  if (!to->slow_switch) {
    give_stack(m, to);
    return switch_to(m, to, action, argument);
  }
  m->picked = to;
  return switch_to_scheduler(m, action, argument);
}

machine* requeue_globally(machine* m, void* argument) {
  auto* const g = static_cast<goroutine*>(argument);
  if (!is_left_over(g)) push_global_and_wake(g);
  return m;
}

machine* requeue_behind(machine* m, void* argument) {
  return push_local_and_wake(m, static_cast<goroutine*>(argument));
}

/// m's goroutine has lost its processor. Returns when it has one again, on whichever machine.
machine* regain_processor(machine* m) {
  goroutine* const g = m->g;
  m->p = nullptr;
  after_switch_action action = do_nothing;
  if (!is_left_over(g)) {
    if (try_take_idle_processor(m)) {
      g->state.store(status::running, std::memory_order_relaxed);
      return m;
    }
    g->state.store(status::runnable, std::memory_order_relaxed);
    synchronizes_release(g);
    action = requeue_globally;
  }
  m = switch_to_scheduler(m, action, g);
  synchronizes_acquire(g);
  return m;
}

/// The time slice is over: others first.
machine* yield_to_everybody(machine* m) {
  goroutine* const g = m->g;
  if (is_left_over(g)) return switch_away(m, do_nothing, nullptr);
  g->state.store(status::runnable, std::memory_order_relaxed);
  return switch_away(m, requeue_globally, g);
}

}  // namespace

namespace {

/// A look at the clock costs as much as a switch, and at the ticks a third of one: one that goes on in the time slice of
/// another leaves the timers alone most of the time.
bool may_ignore_timers(const processor* p) noexcept { return p->turns % 8 != 0; }
bool timers_may_be_due(const processor* p) noexcept { return !p->clock.is_before(p->timers.next_due()); }

/// The next one, if it takes no look at a clock or an overflow to find it. It begins its time slice, or goes on in the
/// caller's.
[[gnu::always_inline]] inline goroutine* pick_without_a_look(const machine* m, processor* p) noexcept {
  if (p->turns <= 1 || m->g->slow_switch) [[unlikely]]
    return nullptr;
  const bool has_timers = p->timers.next_due() != never;
  goroutine* next = p->run_next.load(std::memory_order_relaxed);
  if (next != nullptr) {
    if (has_timers && !may_ignore_timers(p) && timers_may_be_due(p)) return nullptr;
    p->run_next.store(nullptr, std::memory_order_relaxed);
  } else {
    if (has_timers && timers_may_be_due(p)) return nullptr;
    if ((next = p->queue.try_pop_of_ring()) == nullptr) return nullptr;
    begin_slice(p);
  }
  --p->turns;
  return next;
}

[[gnu::noinline]] machine* switch_away_after_a_look(machine* m, after_switch_action action, void* argument) {
  return switch_away_to(m, m->g->slow_switch ? nullptr : pick_at_hand(m), action, argument);
}

}  // namespace

/// The way of nearly every switch. It calls nothing that a register would have to be saved for: how many stores there
/// are from one switch to the next is what a switch takes.
machine* switch_away(machine* m, after_switch_action action, void* argument) {
  if (goroutine* const to = pick_without_a_look(m, m->p)) [[likely]]
    return switch_to(m, to, action, argument);
  return switch_away_after_a_look(m, action, argument);
}

machine* switch_away_to(machine* m, goroutine* to, after_switch_action action, void* argument) {
  return to != nullptr ? switch_to(m, to, action, argument) : switch_to_scheduler(m, action, argument);
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
  static_cast<void>(this_thread_proxy());  // made here, and not when somebody's lock is held
}

namespace {

machine* after_wait(machine* m) {
  end_wait(m);
  return m;
}

}  // namespace

machine* park(machine* m, after_switch_action action, void* argument, wait_reason reason, const void* object) {
  if (m == nullptr) [[unlikely]] {
    park_thread(this_thread_proxy(), action, argument, reason, object);
    return nullptr;
  }
  begin_wait(m, reason, object);
  return goro_wait(m, action, argument, after_wait, switch_away);
}

namespace {

[[gnu::noinline]] machine* give_way_after_a_look(machine* m, bool there_are_more) {
  goroutine* const g = m->g;
  processor* const p = m->p;
  const bool promised = p->run_next.load(std::memory_order_relaxed) != nullptr;
  if (!there_are_more && !promised && p->queue.ring_empty() && p->timers.next_due() == never) return m;
  g->state.store(status::runnable, std::memory_order_relaxed);
  if (g->slow_switch) return switch_away(m, requeue_globally, g);
  if (there_are_more && !promised && p->turns > 1 && may_ignore_timers(p)) {
    if (goroutine* const oldest = pop_oldest(p)) {
      begin_slice(p);
      --p->turns;
      return switch_to(m, oldest, requeue_behind, g);
    }
  }
  return switch_away(m, requeue_behind, g);
}

}  // namespace

/// Those in the overflow and in the global queue have waited for longest. They are let through one at a time, and who
/// yields waits here: were it to queue with them, they would never be none, and every yield would take a lock.
machine* give_way(machine* m, after_switch_action, void*) {
  processor* const p = m->p;
  const bool there_are_more = p->queue.has_overflow() || sched.global_size.load(std::memory_order_relaxed) != 0;
  if (!there_are_more) [[likely]] {
    if (goroutine* const to = pick_without_a_look(m, p)) {
      goroutine* const g = m->g;
      g->state.store(status::runnable, std::memory_order_relaxed);
      return switch_to(m, to, requeue_behind, g);
    }
  }
  return give_way_after_a_look(m, there_are_more);
}

machine* yield(machine* m) {
  if (m == nullptr) [[unlikely]] {
    ::sched_yield();
    return nullptr;
  }
  return goro_wait(m, nullptr, nullptr, after_wait, give_way);
}

void end_goroutine(machine* m, goroutine* next) {
  goroutine* const g = m->g;
  g->state.store(status::dead, std::memory_order_relaxed);
  m->picked = next;
  const auto recycle_ended = [](machine* now, void* ended) {
    recycle(now, static_cast<goroutine*>(ended));
    return now;
  };
  const auto switch_to_picked = [](machine* now, after_switch_action action, void* ended) {
    return switch_away_to(now, std::exchange(now->picked, nullptr), action, ended);
  };
  goro_wait(m, recycle_ended, g, after_wait, switch_to_picked);
  check_failed("false", "park: a goroutine that has ended went on", __FILE__, __LINE__, g->id);
}

}  // namespace goro::runtime
