// SPDX-License-Identifier: BSL-1.0
// How a machine goes to sleep when it finds no work, and is woken. The race with submitters is in ready.cpp.
//
// One of the sleeping machines, the sentinel, waits for time too: until the first timer of any heap. The same one
// will wait for descriptors when there is a poller, so there is one place that must learn of an earlier deadline:
//
//   one who adds a timer                        sentinel
//   A1  insert into a heap       (release)      T1  sentinel = self, sentinel_until = never
//   A2  light barrier                           T2  heavy barrier
//   A3  when < sentinel_until ? wake it         T3  read next_due of every heap
//   A4  nobody is sentinel, a processor idle:   T4  sentinel_until = the earliest
//       wake a worker, which becomes it (R4)    T5  sleep until then, unless woken since T1
//
// On the way into the idle list T1 comes before W3, so that one barrier is W3 and T2: beside a busy CPU it is an
// interrupt there, and takes ten times as long as alone.
//
//   I1  A timer added before T3 is seen by T3; one added after T1 and due earlier than T4's time wakes the sentinel,
//       whose sleep then ends at once (wake_word stays set until it is consumed).
//   I2  A machine in the idle list holds no processor. Who takes it out of the list gives it one, and nobody else
//       does; a wake without a processor means: look again.
//   I3  While every processor is busy, adding a timer wakes nobody (A3 needs an idle one to be of use), so a machine
//       that goes to sleep beside a sentinel checks that the sentinel's time is not later than the first timer.
//   I4  A machine is marked as spinning by whoever counts it. In the idle list it never is, so the mark goes before it
//       enters; who takes it out may set it again at once. A mark that is lost is a count that stays, and then nobody
//       is woken ever again (R2 in ready.cpp).
//
// A goroutine in run_next is most often run by its own processor, within a fraction of a microsecond: the one who woke
// it is about to park. Two that wake each other in turn would have a machine woken for each message, in vain, and it is
// the waker who pays. So a machine that has looked in vain twice running dozes: it is idle like any other, and is woken
// for what is put into a queue, but for what is in run_next it comes by itself, when its doze is over. The more it looks
// in vain, the longer it dozes.
//
//   one who makes a goroutine run next          dozing machine
//   S1  run_next = g             (release)      D1  dozing = false, when its time is over or somebody wakes it
//   S2  light barrier                           D2  heavy barrier
//   S3  a processor idle, nobody spinning,      D3  anybody in a run_next ? take a processor and look
//       nobody dozing ? wake one worker
//
//   I5  Who wakes nobody because of a dozing machine is seen by D3; or somebody woke that machine, and it looks anyway.
//       Who wakes nobody because of a spinning one is seen by W4: a run_next there begins a doze, longer or shorter; or
//       that machine has found something else to run, and sends another to look if it was the last (schedule.cpp).
//       A look may leave what it sees alone (steal.cpp), but never for good.
//   I6  Most timers are timeouts, far away, and gone before they are due: A3 and A4 leave those of a busy processor alone.
//       Whoever gives that processor up tells the sentinel (I3, give_up_processor()), and until then the monitor looks
//       every millisecond or two, long before they are due.
// Tested by: model/idle.pml, model/sentinel.pml, unit/fairness_test, stress/timers_stress, stress/steal_stress.
#include <algorithm>

#include <sched.h>

#include "base/check.hpp"
#include "os/futex.hpp"
#include "os/pause.hpp"
#include "sched/scheduler.hpp"
#include "sched/wait_budget.hpp"

namespace goro::runtime {

using guard = global_guard;

namespace {

constexpr std::uint32_t awake = 0;
constexpr std::uint32_t woken = 1;
constexpr std::uint32_t asleep = 2;

void push_idle_machine(machine* m) noexcept {
  m->previous_idle = nullptr;
  m->next_idle = sched.idle_machines;
  if (m->next_idle != nullptr) m->next_idle->previous_idle = m;
  sched.idle_machines = m;
  m->in_idle_list = true;
  ++sched.idle_machine_count;
}

void unlink_idle_machine(machine* m) noexcept {
  (m->previous_idle != nullptr ? m->previous_idle->next_idle : sched.idle_machines) = m->next_idle;
  if (m->next_idle != nullptr) m->next_idle->previous_idle = m->previous_idle;
  m->in_idle_list = false;
  --sched.idle_machine_count;
  if (std::exchange(m->dozing, false)) sched.dozing.store(false);
}

/// sched.lock is held.
bool any_processor_busy() noexcept {
  return sched.idle_count.load(std::memory_order_relaxed) < sched.processor_count.load(std::memory_order_relaxed);
}

bool anything_queued() noexcept {
  if (sched.global_size.load(std::memory_order_acquire) != 0) return true;
  const int n = sched.processor_count.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i)
    if (!sched.processors[i].load(std::memory_order_acquire)->queue.empty()) return true;
  return false;
}

/// Those that will run soon, unless their processor's goroutine computes for long.
bool anybody_runs_next() noexcept {
  const int n = sched.processor_count.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i)
    if (sched.processors[i].load(std::memory_order_acquire)->run_next.load(std::memory_order_acquire) != nullptr)
      return true;
  return false;
}

bool is_far(processor* p, std::int64_t when) noexcept {
  constexpr std::int64_t far = 20 * millisecond;
  return when - p->clock.as_far_as(never) > far;
}

std::int64_t timers_fired() noexcept {
  std::int64_t fired = sched.outside_timers.fired();
  const int n = sched.processor_count.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i) fired += sched.processors[i].load(std::memory_order_acquire)->timers.fired();
  return fired;
}

/// Of the sentinel.
constinit wait_budget budget;

void sleep_until_due(machine* m, std::int64_t due) {
  if (due == never) {
    sleep_until_woken(m, never);
    return;
  }
  const std::int64_t end = budget.end_for(due);
  std::int64_t now = now_ns();
  std::int64_t price = end > now ? 0 : budget.price_of_no_sleep();
  if (budget.is_worth_a_sleep(end - now)) {
    const std::int64_t wake_time = budget.wake_time(end, now);
    const std::int64_t before = thread_time_ns();
    if (sleep_until_woken(m, wake_time)) return;
    now = now_ns();
    price = budget.price_of_sleep(thread_time_ns() - before, now - wake_time);
  }
  const std::int64_t spin_begun = now;
  for (; m->wake_word.load(std::memory_order_acquire) == awake && now < end; now = now_ns()) pause();
  budget.pay(price + wait_budget::price_of_spin(now - spin_begun), now, timers_fired());
}

/// sched.lock is held. One machine at a time dozes.
bool begin_doze(machine* m) noexcept {
  if (!m->in_idle_list || sched.dozing.load(std::memory_order_relaxed)) return false;
  m->dozing = true;
  sched.dozing.store(true);
  return true;
}

std::int64_t end_of_doze(const machine* m) noexcept {
  return now_ns() + ((20 * microsecond) << std::clamp(m->looks_in_vain - 2, 0, 6));
}

/// Takes a processor for a machine that is in the idle list, if there is one and nobody has woken it meanwhile.
bool leave_idle_list_with_processor(machine* m) {
  const guard hold(sched.lock);
  if (!m->in_idle_list || sched.stopping.load(std::memory_order_relaxed)) return false;
  processor* const p = take_idle_processor();
  if (p == nullptr) return false;
  unlink_idle_machine(m);
  acquire_processor(m, p);
  m->spinning = true;
  sched.spinning.fetch_add(1);
  return true;
}

/// False: nobody waits, and from now on a goroutine in run_next is worth a wake again.
bool leave_idle_list_after_doze(machine* m) {
  {
    const guard hold(sched.lock);
    if (std::exchange(m->dozing, false)) sched.dozing.store(false);  // D1
  }
  asymmetric_barrier::heavy();  // D2
  m->comes_from_doze = anybody_runs_next() && leave_idle_list_with_processor(m);  // D3
  return m->comes_from_doze;
}

/// T1. False: another one is.
bool try_become_sentinel(machine* m) noexcept {
  machine* nobody = nullptr;
  if (!sched.sentinel.compare_exchange_strong(nobody, m)) return false;
  sched.sentinel_until.store(never);
  return true;
}

void stop_being_sentinel() noexcept { sched.sentinel.store(nullptr); }

struct idleness {
  bool is_sentinel = false;
  std::int64_t doze_ends = never;
};

/// W1 to W4, T1 and T2. False: there is something to do after all, and m has its processor, or another.
bool enter_idle_list(machine* m, idleness& now) {
  bool others_are_busy = false;
  bool dozes = false;
  {
    const guard hold(sched.lock);
    if (m->p != nullptr) {
      if (sched.stopping.load(std::memory_order_relaxed) || !sched.global_queue.empty()) return false;
      put_idle_processor(release_processor(m));  // W1
    }
    if (std::exchange(m->spinning, false)) sched.spinning.fetch_sub(1);  // I4, W2
    push_idle_machine(m);
    others_are_busy = any_processor_busy();
    dozes = others_are_busy && m->looks_in_vain > 1 && begin_doze(m);
  }
  now.is_sentinel = try_become_sentinel(m);
  if (others_are_busy || now.is_sentinel) asymmetric_barrier::heavy();  // W3, T2
  if (others_are_busy) {  // R3
    if (anything_queued() && leave_idle_list_with_processor(m)) {  // W4
      if (now.is_sentinel) stop_being_sentinel();
      return false;
    }
    if (!dozes && anybody_runs_next()) {
      const guard hold(sched.lock);
      dozes = begin_doze(m);
    }
  }
  if (dozes) now.doze_ends = end_of_doze(m);
  return true;
}

}  // namespace

std::int64_t earliest_timer() noexcept {
  std::int64_t first = sched.outside_timers.next_due();
  const int n = sched.processor_count.load(std::memory_order_acquire);
  for (int i = 0; i < n; ++i)
    first = std::min(first, sched.processors[i].load(std::memory_order_acquire)->timers.next_due());
  return first;
}

void put_idle_processor(processor* p) noexcept {
  GORO_CHECK(!p->idle, "idle: a processor is in the idle list once", static_cast<std::uint64_t>(p->id));
  p->busy.forget();
  p->idle = true;
  p->next_idle = sched.idle_processors;
  sched.idle_processors = p;
  sched.idle_count.fetch_add(1);
}

processor* take_idle_processor() noexcept {
  processor* const p = sched.idle_processors;
  if (p == nullptr) return nullptr;
  sched.idle_processors = p->next_idle;
  p->idle = false;
  sched.idle_count.fetch_sub(1);
  sched.stirrings.fetch_add(1);
  if (sched.monitor_asleep.load(std::memory_order_relaxed)) wake_monitor();
  return p;
}

void acquire_processor(machine* m, processor* p) noexcept {
  GORO_CHECK(m->p == nullptr && p->m.load(std::memory_order_relaxed) == nullptr,
             "lease: a processor is held by one machine, a machine holds one processor",
             static_cast<std::uint64_t>(p->id));
  m->p = p;
  p->m.store(m, std::memory_order_release);
  m->p_lease.store(lease::held, std::memory_order_release);
}

processor* release_processor(machine* m) noexcept {
  for (;;) {
    lease now = m->p_lease.load(std::memory_order_acquire);
    if (now == lease::taking) {
      pause();
      continue;
    }
    GORO_CHECK(now != lease::lost, "lease: inside the runtime a processor is not lost", m->index);
    if (m->p_lease.compare_exchange_strong(now, lease::lost)) break;
  }
  processor* const p = std::exchange(m->p, nullptr);
  p->m.store(nullptr, std::memory_order_release);
  return p;
}

bool try_take_idle_processor(machine* m) {
  if (sched.idle_count.load(std::memory_order_relaxed) == 0) return false;
  const guard hold(sched.lock);
  if (sched.stopping.load(std::memory_order_relaxed)) return false;
  processor* const p = take_idle_processor();
  if (p == nullptr) return false;
  acquire_processor(m, p);
  return true;
}

void start_machine_for(processor* p, bool spinning) {
  machine* m = nullptr;
  {
    const guard hold(sched.lock);
    m = sched.idle_machines;
    if (m != nullptr && m->next_idle != nullptr && m == sched.sentinel.load(std::memory_order_relaxed))
      m = m->next_idle;
    if (m != nullptr) {
      unlink_idle_machine(m);
      GORO_CHECK(!m->spinning, "idle: I4: a machine in the idle list is not marked as spinning", m->index);
      m->spinning = spinning;
      m->given.store(p, std::memory_order_release);
    }
  }
  if (m == nullptr) {
    new_machine(p, spinning);
  } else {
    wake_machine(m);
  }
}

void give_up_processor(machine* m) {
  const bool was_spinning = m->spinning;
  m->spinning = false;
  if (was_spinning) sched.spinning.fetch_sub(1);
  processor* const p = release_processor(m);
  m->count.handoffs.add();
  bool somebody_waits = !p->queue.empty() || p->run_next.load(std::memory_order_relaxed) != nullptr;
  bool others_are_busy = false;
  if (!somebody_waits || sched.stopping.load(std::memory_order_relaxed)) {
    const guard hold(sched.lock);
    if (sched.stopping.load(std::memory_order_relaxed)) {
      sched.still_running.fetch_sub(1);
      sched.stop_word.fetch_add(1);
      futex_wake(sched.stop_word, 1);
      return;
    }
    somebody_waits = somebody_waits || !sched.global_queue.empty();
    if (!somebody_waits) put_idle_processor(p);  // W1
    others_are_busy = any_processor_busy();
  }
  if (somebody_waits) {
    start_machine_for(p, false);
    return;
  }
  if (others_are_busy) {  // R3
    asymmetric_barrier::heavy();  // W3
    if (anything_queued() || anybody_runs_next()) wake_if_needed(m);  // W4
  }
  if (const std::int64_t due = earliest_timer(); due != never) wake_sentinel_before(m, due);
}

void become_idle(machine* m) {
  idleness now;
  if (!enter_idle_list(m, now)) return;
  for (;;) {
    std::int64_t until = never;
    if (now.is_sentinel) {
      until = earliest_timer();  // T3
      sched.sentinel_until.store(until);  // T4
    } else if (machine* const s = sched.sentinel.load();
               s != nullptr && earliest_timer() < sched.sentinel_until.load()) {
      wake_machine(s);  // I3
    }
    suspect_deadlock();
    m->count.futex_sleeps.add();
    if (now.doze_ends < until) {
      sleep_until_woken(m, now.doze_ends);
    } else {
      sleep_until_due(m, until);  // T5
    }
    if (now.is_sentinel) stop_being_sentinel();
    if (m->given.load(std::memory_order_acquire) != nullptr) break;
    if (now.doze_ends != never && now_ns() >= now.doze_ends) {
      now.doze_ends = never;
      if (leave_idle_list_after_doze(m)) return;
    }
    if (until != never && now_ns() >= until) {
      if (leave_idle_list_with_processor(m)) return;
      // Every processor is busy: they look after the timers, and the monitor after them.
      sleep_until_woken(m, std::min(now.doze_ends, now_ns() + 10 * millisecond));
    }
    if (m->given.load(std::memory_order_acquire) != nullptr) break;
    now.is_sentinel = try_become_sentinel(m);
    if (now.is_sentinel) asymmetric_barrier::heavy();  // T2
  }
  acquire_processor(m, m->given.exchange(nullptr));
  if (earliest_timer() != never && sched.sentinel.load() == nullptr) wake_if_needed(m);
}

bool sleep_until_woken(machine* m, std::int64_t deadline) {
  std::uint32_t now = awake;
  if (m->wake_word.compare_exchange_strong(now, asleep)) {
    do {
      futex_wait(m->wake_word, asleep, deadline);
    } while (m->wake_word.load(std::memory_order_acquire) == asleep && (deadline == never || now_ns() < deadline));
  }
  return m->wake_word.exchange(awake) == woken;
}

void wake_machine(machine* m) {
  if (m->wake_word.exchange(woken) == asleep) futex_wake(m->wake_word, 1);
}

void wake_sentinel_before(machine* m, std::int64_t when) {
  if (m != nullptr) {
    asymmetric_barrier::light();  // A2
    if (sched.idle_count.load(std::memory_order_relaxed) == 0) return;
  } else if (sched.idle_count.fetch_add(0) == 0) {  // A2: R3
    return;
  }
  machine* const s = sched.sentinel.load(std::memory_order_acquire);
  if (s != nullptr && when >= sched.sentinel_until.load(std::memory_order_acquire)) return;  // A3
  if (m != nullptr && m->p != nullptr && is_far(m->p, when)) return;  // I6
  if (s != nullptr) {
    wake_machine(s);
  } else {
    wake_if_needed(m);  // A4
  }
}

void see_to_the_sentinel() {
  const std::int64_t first = earliest_timer();
  if (first == never || sched.idle_count.load() == 0) return;
  machine* const s = sched.sentinel.load();
  if (s == nullptr) {
    wake_if_needed(nullptr);
  } else if (first < sched.sentinel_until.load()) {
    wake_machine(s);
  }
}

}  // namespace goro::runtime
