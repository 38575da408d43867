// SPDX-License-Identifier: BSL-1.0
// Taking work from other processors.
//
// A batch of another's overflow, or half of its ring, goes at once. run_next is different: its owner keeps it in plain accesses
// and most often runs it within the microsecond, so a thief leaves it alone at first, and takes it by way of the
// lease (machine.hpp) only when it has been lying there while the owner computes.
#include "sched/scheduler.hpp"

#include <utility>

#include "os/pause.hpp"

namespace goro::runtime {

namespace {

goroutine* steal_some(machine* m, processor* victim) {
  goroutine* taken[run_queue::batch_size];
  const std::uint32_t n = victim->queue.try_take(taken);
  if (n == 0) return nullptr;
  for (std::uint32_t i = 0; i < n; ++i) fetch_goroutine(taken[i]);  // in our queue they are a thief's, too
  for (std::uint32_t i = 1; i < n; ++i) push_local(m, taken[i]);
  m->count.steals.add();
  return taken[0];
}

/// The machine that computes while `waiting` lies in its run_next; null if that may be about to run. It is looked at often
/// within a few microseconds: of two goroutines that wake each other in turn, the same one is there every other time.
machine* machine_that_computes(processor* victim, const goroutine* waiting) {
  const std::uint32_t slice = victim->slice.load(std::memory_order_relaxed);
  machine* owner = nullptr;
  for (int look = 0; look < 8; ++look) {
    for (int i = 0; i < 13; ++i) pause();
    owner = victim->m.load(std::memory_order_acquire);
    if (owner == nullptr || owner->in_runtime.load(std::memory_order_relaxed) != 0 ||
        victim->run_next.load(std::memory_order_acquire) != waiting ||
        victim->slice.load(std::memory_order_relaxed) != slice)
      return nullptr;
  }
  return owner;
}

goroutine* steal_run_next(machine* m, processor* victim) {
  const goroutine* const waiting = victim->run_next.load(std::memory_order_acquire);
  if (waiting == nullptr) return nullptr;
  machine* const owner = machine_that_computes(victim, waiting);
  if (owner == nullptr) return nullptr;
  lease now = lease::held;
  if (!owner->p_lease.compare_exchange_strong(now, lease::taking)) return nullptr;  // M1
  asymmetric_barrier::heavy();  // M2
  goroutine* g = nullptr;
  if (owner->in_runtime.load(std::memory_order_acquire) == 0 && owner->p == victim) {  // M3
    g = victim->run_next.load(std::memory_order_acquire);
    victim->run_next.store(nullptr, std::memory_order_relaxed);
  }
  owner->p_lease.store(lease::held, std::memory_order_release);
  if (g != nullptr) m->count.steals.add();
  return g;
}

/// Timers of a busy processor, run by one that is not.
bool run_timers_of(machine* m, timer_heap& timers, std::int64_t now) {
  if (timers.next_due() > now) return false;
  goroutine_list woken;
  timers.run_due(now, woken);
  const bool any = !woken.empty();
  ready_all(m, woken);
  return any;
}

/// A machine that finds the others busy but nothing to take stays on the look-out for a while, mostly asleep, before it
/// gives up: there may soon be more, and it is who submits that pays for a wake.
constexpr int naps = 3;
constexpr timespec nap{0, 20'000};

goroutine* look_around(machine* m, std::uint32_t n) {
  bool inherits = false;
  for (int pass = 0; pass < 4; ++pass) {
    const bool last = pass == 3;
    if (last) {
      const std::int64_t now = now_ns();
      bool any = run_timers_of(m, sched.outside_timers, now);
      for (std::uint32_t i = 0; i < n; ++i) any |= run_timers_of(m, sched.processors[i].load()->timers, now);
      if (any) {
        if (goroutine* const g = pop_local(m->p, inherits)) return g;
      }
    }
    const std::uint32_t start = m->random.below(n);
    for (std::uint32_t i = 0; i < n; ++i) {
      if (sched.stopping.load(std::memory_order_relaxed)) return nullptr;
      processor* const victim = sched.processors[(start + i) % n].load(std::memory_order_acquire);
      if (victim == m->p) continue;
      if (goroutine* const g = steal_some(m, victim)) return g;
      if (last) {
        if (goroutine* const g = steal_run_next(m, victim)) return g;
      }
    }
  }
  return pop_global(m->p);
}

}  // namespace

goroutine* steal_work(machine* m) {
  const int n = sched.processor_count.load(std::memory_order_relaxed);
  if (!m->spinning) {
    // No more than half of the busy processors' number look at the same time.
    if (2 * sched.spinning.load(std::memory_order_relaxed) >= n - sched.idle_count.load(std::memory_order_relaxed))
      return nullptr;
    m->spinning = true;
    sched.spinning.fetch_add(1);
  }
  const bool comes_from_doze = std::exchange(m->comes_from_doze, false);
  for (int round = 0;; ++round) {
    if (goroutine* const g = look_around(m, static_cast<std::uint32_t>(n))) return g;
    const bool others_are_busy = sched.idle_count.load(std::memory_order_relaxed) < n - 1;
    const bool gives_up = round == naps || comes_from_doze || !others_are_busy;
    if (gives_up || sched.stopping.load(std::memory_order_relaxed)) {
      ++m->looks_in_vain;
      return nullptr;
    }
    ::nanosleep(&nap, nullptr);
  }
}

}  // namespace goro::runtime
