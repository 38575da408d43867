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
// D1 to D3 are counts under the scheduler's lock; with nobody running they cannot change any more, unless by a thread
// that D4 would count. The last machine that goes idle only raises a suspicion; the monitor decides, and looks again
// later if it was D4 alone that failed: a thread may end without a word.
// Tested by: conformance PD-01 to PD-04, PD-08, PD-11, PD-28, stress/thread_stress.
#include <mutex>

#include <goro/detail/config.hpp>

#include "os/thread.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

constexpr int sanitizer_threads = GORO_TSAN ? 1 : 0;

/// D1, D2, D3, D5.
bool nobody_can_run() {
  const std::lock_guard<detail::spin_lock> hold(sched.lock);
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
  if (!nobody_can_run()) return false;
  std::size_t machines = 0;
  {
    const std::lock_guard<detail::spin_lock> hold(sched.lock);
    machines = sched.machine_count;
  }
  const int ours = static_cast<int>(machines) + 1 + sched.blocked_threads.load() + sanitizer_threads;
  return thread_count() == ours && nobody_can_run();
}

}  // namespace goro::runtime
