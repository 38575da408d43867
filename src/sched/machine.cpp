// SPDX-License-Identifier: BSL-1.0
// Machines come when there is work and nobody to do it, and stay. Their threads inherit affinity, signal mask and
// the like from the thread that makes them; so that none of these comes from a goroutine that is tied to its thread
// and may have changed them, or from a thread of the program, the monitor makes them then.
#include <cerrno>
#include <new>

#include "base/check.hpp"
#include "base/output.hpp"
#include "debug/signals.hpp"
#include "os/thread.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

using guard = global_guard;

namespace {

void* machine_main(void* argument) {
  auto* const m = static_cast<machine*>(argument);
  name_this_thread("goro worker");
  set_timer_slack();
  set_this_machine(m);
  m->exceptions = thread_exception_state();
  m->thread_id = this_thread_id();
  enter_runtime_annotation();
  adopt_thread(m->fiber);
  synchronizes_release(&m->fiber);  // of what goroutines read here: after each switch
  const alternate_signal_stack signal_stack;
  m->in_runtime.store(1, std::memory_order_relaxed);
  acquire_processor(m, m->given.exchange(nullptr));

  schedule_loop(m);

  if (m->p != nullptr) give_up_processor(m);
  leave_runtime_annotation();
  set_this_machine(nullptr);
  const guard hold(sched.lock);
  m->ends = false;
  m->thread_id = 0;
  --sched.machine_count;
  m->next_idle = sched.free_machines;
  sched.free_machines = m;
  return nullptr;
}

[[noreturn]] void die_of_thread_exhaustion(std::size_t count, const char* reason) {
  output() << "runtime: program exceeds " << std::uint64_t{max_machines} << "-thread limit or the system's: " << reason
           << ", have " << std::uint64_t{count} << " already\n";
  detail::fatal("thread exhaustion");
}

void start(machine* m) {
  for (int attempt = 0; !start_thread(machine_main, m); ++attempt) {
    if (attempt == 20)
      die_of_thread_exhaustion(sched.machine_count, "the system makes no more threads (see ulimit -u)");
    const timespec nap{0, 1'000'000L << (attempt / 4)};
    ::nanosleep(&nap, nullptr);
  }
}

}  // namespace

void new_machine(processor* p, bool spinning) {
  machine* m = nullptr;
  std::size_t count = 0;
  {
    const guard hold(sched.lock);
    count = ++sched.machine_count;
    m = sched.free_machines;
    if (m != nullptr) sched.free_machines = m->next_idle;
  }
  if (m == nullptr) {
    if (count > max_machines) die_of_thread_exhaustion(count, "blocking calls hold too many threads");
    m = new machine;
    const guard hold(sched.lock);
    m->index = static_cast<std::uint32_t>(sched.machine_slots.load());
    sched.machines[m->index].store(m, std::memory_order_release);
    sched.machine_slots.store(m->index + 1, std::memory_order_release);
  }
  m->random = random_source(static_cast<std::uint64_t>(now_ns()) ^ (std::uint64_t{m->index} << 48));
  m->spinning = spinning;
  m->wake_word.store(0, std::memory_order_relaxed);
  m->given.store(p, std::memory_order_release);
  const machine* const self = this_machine();
  if (self != nullptr && self->locked_g == nullptr) {
    start(m);
    return;
  }
  {
    const guard hold(sched.lock);
    m->next_idle = sched.requested_machines;
    sched.requested_machines = m;
  }
  wake_monitor();
}

void count_global_lock() noexcept {
  if (machine* const m = this_machine()) m->count.global_locks.add();
}

void count_shared_write() noexcept {
  if (machine* const m = this_machine()) m->count.shared_writes.add();
}

void start_requested_machines() {
  for (;;) {
    machine* m = nullptr;
    {
      const guard hold(sched.lock);
      m = sched.requested_machines;
      if (m == nullptr) return;
      sched.requested_machines = m->next_idle;
    }
    start(m);
  }
}

}  // namespace goro::runtime
