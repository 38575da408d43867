// SPDX-License-Identifier: BSL-1.0
// Making goroutines runnable, and seeing to it that somebody runs them.
//
// No runnable goroutine is forgotten while a processor idles:
//
//   submitter                                   machine that stops looking (idle.cpp)
//   S1  publish in a queue        (release)     W1  its processor is in the idle list, idle_count += 1
//   S2  light barrier                           W2  spinning -= 1
//   S3  idle_count > 0 and spinning == 0 ?      W3  heavy barrier
//   S4  if so, wake one worker                  W4  look into every queue and timer heap once more;
//                                                   if anything is there: take a processor back and go on
//
//   R1  The barriers make S1/S3 and W2/W4 a Dekker pair: the submitter sees the idle processor with nobody looking,
//       or the machine sees the goroutine. One worker is woken, not one for each goroutine: a worker that finds
//       something wakes the next if it was the last one looking (schedule.cpp).
//   R2  A submitter that sees spinning > 0 may rely on it: that machine will pass W1 to W4 after S1.
//   R3  W1 and W2 are under the scheduler's lock. If every processor is idle then, W3 and W4 may be left out, which
//       matters to programs that mostly wait in the kernel: nobody is left to push into a processor's queue, and what
//       others push into the global queue they push under that lock, either before W1, which looks there, or after W2.
//       Only a plain thread's timer comes without. Who adds one asks for idle_count by changing it: either that sees W1,
//       or W1 comes later in the order of changes to it, and sees the timer.
//
//   R4  Where a processor works alone and its busy periods have been short (busy_period.hpp), S4 is left out while
//       the next one is young: what the submitter's own processor has in its queue or among its timers it will have done
//       before help could arrive. But not for a goroutine that has not run yet, or took long the last time. If the period
//       becomes longer, the next submitter wakes a worker, and if there is none, the monitor does, within a millisecond
//       or two. While that one lasts there may be no sentinel (idle.cpp): who is through becomes it.
//
// Why not wake a worker for each goroutine? A pair of goroutines that hand a value back and forth would pay two
// futex calls a message.
// Tested by: model/idle.pml, unit/busy_period_test, unit/fairness_test, stress/steal_stress.
#include "sched/scheduler.hpp"

#include "base/check.hpp"

namespace goro::runtime {

using guard = global_guard;

void push_global(goroutine* g) {
  const guard hold(sched.lock);
  sched.global_queue.push_back(g);
  sched.global_size.store(sched.global_queue.size, std::memory_order_release);
}

goroutine* pop_global(processor* p, std::size_t most) {
  if (sched.global_size.load(std::memory_order_acquire) == 0) return nullptr;
  const guard hold(sched.lock);
  std::size_t n = sched.global_queue.size / static_cast<std::size_t>(sched.processor_count.load()) + 1;
  if (n > most) n = most;
  goroutine* const first = sched.global_queue.pop_front();
  if (first == nullptr) return nullptr;
  for (; n > 1 && p->queue.ring_size() < run_queue::batch_size; --n) {
    goroutine* const g = sched.global_queue.pop_front();
    if (g == nullptr) break;
    const bool pushed = p->queue.try_push(g);
    GORO_CHECK(pushed, "run queue: a half empty ring takes another goroutine", p->queue.ring_size());
  }
  sched.global_size.store(sched.global_queue.size, std::memory_order_release);
  return first;
}

namespace {

/// R4. Whom it is due to that a period is not young any more is not known exactly: most often to who runs.
bool does_without_help(machine* m) noexcept {
  processor* const p = m->p;
  const bool young = p->busy.is_young(p->clock);
  if (m->g != nullptr) m->g->takes_long = !young;
  if (!young || !p->busy.is_expected_to_be_short()) return false;
  const goroutine* const next = p->run_next.load(std::memory_order_relaxed);
  if (next != nullptr && (next->sp == nullptr || next->takes_long)) return false;
  p->busy.does_without_help();
  return true;
}

}  // namespace

machine* wake_one(machine* m) {
  if (m != nullptr && m->p != nullptr && does_without_help(m)) return m;
  int nobody = 0;
  if (!sched.spinning.compare_exchange_strong(nobody, 1)) return m;
  processor* p = nullptr;
  {
    const guard hold(sched.lock);
    if (!sched.stopping.load(std::memory_order_relaxed)) p = take_idle_processor();
  }
  if (p == nullptr) {
    sched.spinning.fetch_sub(1);
    return m;
  }
  if (m != nullptr) m->count.futex_wakes.add();
  start_machine_for(p, true);
  return m;
}

machine* wake_if_needed_after_fence(machine* m) {
  asymmetric_barrier::light();
  return somebody_should_look() ? wake_one(m) : m;
}

machine* wake_for_next_after_fence(machine* m) {
  asymmetric_barrier::light();
  return somebody_should_look_for_next() ? wake_one(m) : m;
}

void push_global_and_wake(goroutine* g) {
  push_global(g);
  wake_if_needed(nullptr);
}

machine* push_to_overflow_and_wake(machine* m, goroutine* g) {
  push_local(m, g);
  return wake_if_needed(m);
}

void ready(machine* m, goroutine* g) {
  if (g->is_thread) [[unlikely]] {
    wake_thread(g);
    return;
  }
  if (is_left_over(g)) [[unlikely]]
    return;
  GORO_CHECK(g->state.load(std::memory_order_relaxed) == status::waiting, "ready: the goroutine was parked", g->id);
  g->state.store(status::runnable, std::memory_order_relaxed);
  synchronizes_release(g);
  if (m == nullptr) [[unlikely]] {
    push_global_and_wake(g);
    return;
  }
  goroutine* const before = m->p->run_next.load(std::memory_order_relaxed);
  m->p->run_next.store(g, std::memory_order_release);
  if (before != nullptr) {
    push_local_and_wake(m, before);
  } else {
    wake_for_next(m);
  }
}

void ready_all(machine* m, goroutine_list& list) {
  wakes woken(m);
  while (goroutine* const g = list.pop_front()) woken.add(g);
  woken.end();
}

}  // namespace goro::runtime
