// SPDX-License-Identifier: BSL-1.0
// The loop of a machine on its own stack: find a goroutine, switch to it, and again when one switches back because
// nothing was at hand.
#include "sched/scheduler.hpp"

#include "base/check.hpp"
#include "sched/switch.hpp"

namespace goro::runtime {

namespace {

goroutine* find_work(machine* m, bool& inherits) {
  for (;;) {
    if (sched.stopping.load(std::memory_order_acquire)) {
      hold_still(m);
      continue;
    }
    // On this stack a taker finds in_runtime set and gives way; what it leaves behind is settled here.
    lease now = m->p_lease.load(std::memory_order_acquire);
    if (now == lease::taking) continue;
    if (now == lease::expired && !m->p_lease.compare_exchange_strong(now, lease::held)) continue;

    processor* const p = m->p;
    run_timers(m);
    if (--p->turns <= 0) {
      p->turns = processor::turns_of_the_newest;
      if (goroutine* const g = pop_oldest(p)) return g;
    }
    if (goroutine* const g = pop_local(p, inherits)) return g;
    if (goroutine* const g = pop_global(p)) return g;
    p->busy.end();
    if (goroutine* const g = steal_work(m)) return g;
    become_idle(m);
  }
}

/// The last one that was looking sends another to look. If others run goroutines, these may rely on it (R2).
void stop_spinning(machine* m) {
  if (!m->spinning) return;
  m->spinning = false;
  const int before = sched.spinning.fetch_sub(1);
  GORO_CHECK(before > 0, "idle: every spinning machine is counted", static_cast<std::uint64_t>(before));
  const int others = sched.processor_count.load(std::memory_order_relaxed) - 1;
  if (sched.idle_count.load(std::memory_order_relaxed) < others) m->p->busy.expect_long();
  wake_if_needed(m);
}

void switch_to(machine* m, goroutine* g) {
  if (g->sp == nullptr) give_stack(m, g);
  swap_exceptions(*m->exceptions, m->own_exceptions, g->exceptions);
  m->returns_to = nullptr;
  m->g = g;
  if (g->m != m) {
    if (g->m != nullptr) m->count.migrations.add();
    g->m = m;
  }
  g->state.store(status::running, std::memory_order_relaxed);
  switch_stacks(m, {m->scheduler_sp, m->fiber}, {g->sp, g->fiber}, false, do_nothing, nullptr);
}

/// g runs only on the machine that it is tied to: that one gets our processor.
void hand_to_its_machine(machine* m, goroutine* g) {
  machine* const its = g->m;
  GORO_CHECK(its->locked_g == g, "thread lock: the machine knows its goroutine", g->id);
  processor* const p = release_processor(m);
  m->count.handoffs.add();
  sched.waiting_tied.fetch_sub(1);
  its->given.store(p, std::memory_order_release);
  wake_machine(its);
}

/// m is tied to a goroutine that cannot run now.
void wait_for_own_goroutine(machine* m) {
  if (goroutine* const other = std::exchange(m->picked, nullptr)) {
    push_global(other);
    wake_if_needed(m);
  }
  if (m->p != nullptr) give_up_processor(m);
  sched.waiting_tied.fetch_add(1);
  suspect_deadlock();
  processor* p = nullptr;
  while ((p = m->given.exchange(nullptr)) == nullptr) sleep_until_woken(m, never);
  acquire_processor(m, p);
  m->picked = m->locked_g;
}

}  // namespace

goroutine* pop_oldest(processor* p) {
  const bool global_first = std::exchange(p->global_first, !p->global_first);
  if (global_first) {
    if (goroutine* const g = pop_global(p, 1)) return g;
  }
  if (goroutine* const g = p->queue.try_pop_oldest()) return g;
  return global_first ? nullptr : pop_global(p, 1);
}

void run_timers(machine* m) {
  timer_heap& timers = m->p->timers;
  const std::int64_t due = timers.next_due();
  if (due == never) return;
  const std::int64_t now = m->p->clock.as_far_as(due);
  if (due > now) return;
  goroutine_list woken;
  timers.run_due(now, woken);
  ready_all(m, woken);
}

void schedule_loop(machine* m) {
  while (!m->ends) {
    if (m->locked_g != nullptr && m->picked != m->locked_g) {
      wait_for_own_goroutine(m);
      continue;
    }
    goroutine* g = std::exchange(m->picked, nullptr);
    if (m->p == nullptr) {
      GORO_CHECK(g == nullptr, "schedule: a machine without a processor has picked nothing");
      become_idle(m);
      continue;
    }
    bool inherits = g != nullptr;  // its slice was begun where it was picked
    if (g == nullptr) g = find_work(m, inherits);
    if (!inherits) begin_slice(m->p);
    m->p->busy.begin();
    stop_spinning(m);
    if (is_left_over(g)) continue;
    if (g->slow_switch && g->m != m) {
      hand_to_its_machine(m, g);
      continue;
    }
    m->looks_in_vain = 0;
    switch_to(m, g);
  }
}

}  // namespace goro::runtime
