// SPDX-License-Identifier: BSL-1.0
// "Everybody is asleep": no goroutine can run, and nothing in or outside the process will make one runnable.
//
//   D1  no processor is held and none is looking for work
//   D2  no machine runs: none is in a blocking section or computes without its processor
//   D3  no timer is armed, no descriptor or signal is waited for
//   D4  every thread of the process is one of ours, asleep: machines, the monitor, plain threads blocked in one of
//       our operations. Any other may still send, also one that the runtime has never met, so the kernel's count of
//       threads must be the sum of these
//   D5  somebody waits
//
// D1 to D3 are counts under the scheduler's lock, D4 is the kernel's: they cannot be read at one instant. With nobody
// running, only a thread that D4 would count can change them, and it may wake another, end, and so leave all sums as
// they were. Therefore whoever is woken from sleep counts as a stirring first, and the verdict holds only if there was
// none while it was made.
//
//   plain thread that wakes another            monitor
//   E1  stirrings += 1                         J1  v = stirrings
//   E2  the other one runs                     J2  D1 to D3, D5, our sum of threads
//   E3  end (the kernel's count falls)         J3  the kernel's count == our sum ?
//                                              J4  D1 to D3, D5 once more, stirrings == v ?
//
// If E3 is before J3, then so is E1, and J4 sees it; otherwise J3 counts the thread.
//
// The last machine that goes idle only raises a suspicion; the monitor decides, and looks again later if it was D4
// alone that failed: a thread may end without a word.
// Tested by: conformance PD-01 to PD-04, PD-08, PD-11, PD-28, stress/threads_stress.

#include <goro/detail/config.hpp>

#include "os/thread.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

constexpr int sanitizer_threads = GORO_TSAN ? 1 : 0;

/// D1, D2, D3, D5.
bool nobody_can_run() {
  const global_guard hold(sched.lock);
  const int n = sched.processor_count.load();
  if (sched.stopping.load() || sched.idle_count.load() != n || sched.spinning.load() != 0) return false;
  const std::int64_t running = static_cast<std::int64_t>(sched.machine_count) -
                               static_cast<std::int64_t>(sched.idle_machine_count) - sched.waiting_tied.load();
  if (running != 0 || sched.external_waits.load() != 0 || sched.global_size.load() != 0) return false;
  if (sched.outside_timers.size() != 0) return false;
  for (int i = 0; i < n; ++i)
    if (sched.processors[i].load()->timers.size() != 0) return false;
  return goroutine_count() > 0 || sched.blocked_threads.load() > 0;
}

}  // namespace

void suspect_deadlock() {
  if (sched.idle_count.load() != sched.processor_count.load()) return;
  if (!nobody_can_run()) {
    sched.deadlock_suspected.store(false);
    return;
  }
  sched.deadlock_suspected.store(true);
  if (sched.monitor_asleep.load()) wake_monitor();
}

bool everybody_is_asleep() {
  const std::uint64_t before = sched.stirrings.load();
  if (!nobody_can_run()) return false;
  std::size_t machines = 0;
  {
    const global_guard hold(sched.lock);
    machines = sched.machine_count;
  }
  const int ours = static_cast<int>(machines) + 1 + sched.blocked_threads.load() + sanitizer_threads;
  return thread_count() == ours && nobody_can_run() && sched.stirrings.load() == before;
}

}  // namespace goro::runtime
