// SPDX-License-Identifier: BSL-1.0
// Stopping the world: nobody holds a processor, so no goroutine can be switched to and none that runs can complete a
// runtime call. Goroutines that compute go on computing, without a processor, and find out at their next call.

#include <pthread.h>

#include "base/check.hpp"
#include "os/futex.hpp"
#include "os/thread.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

void take_what_can_be_taken() {
  const std::size_t slots = sched.machine_slots.load(std::memory_order_acquire);
  for (std::size_t i = 0; i < slots; ++i) {
    machine* const m = sched.machines[i].load(std::memory_order_acquire);
    if (m == nullptr) continue;
    processor* p = nullptr;
    if (try_take_processor(m, p) == take_result::taken) sched.still_running.fetch_sub(1);
  }
}

}  // namespace

/// The caller holds no processor: a plain thread, or a goroutine in a blocking section.
void stop_world() {
  pthread_mutex_lock(&one_at_a_time);
  {
    const global_guard hold(sched.lock);
    sched.stopping.store(true);
    int running = sched.processor_count.load();
    for (; take_idle_processor() != nullptr; --running) {
    }
    sched.still_running.store(running);
  }
  while (sched.still_running.load() > 0) {
    const std::uint32_t seen = sched.stop_word.load();
    take_what_can_be_taken();
    if (sched.still_running.load() == 0) break;
    futex_wait(sched.stop_word, seen, now_ns() + 200 * microsecond);
  }
  GORO_CHECK(sched.still_running.load() == 0, "world: every processor stops once",
             static_cast<std::uint64_t>(sched.still_running.load()));
}

void start_world() {
  processor* with_work = nullptr;
  {
    const global_guard hold(sched.lock);
    for (int i = sched.processor_count.load(); i-- > 0;) {
      processor* const p = sched.processors[i];
      if (p->queue.empty() && p->run_next.load() == nullptr) {
        put_idle_processor(p);
      } else {
        p->next_idle = with_work;
        with_work = p;
      }
    }
    sched.stopping.store(false);
  }
  while (with_work != nullptr) {
    processor* const p = with_work;
    with_work = p->next_idle;
    start_machine_for(p, false);
  }
  pthread_mutex_unlock(&one_at_a_time);
  wake_if_needed(nullptr);
  wake_sentinel_before(nullptr, 0);
  wake_monitor();
}

void try_to_stop_world() noexcept {
  const std::int64_t give_up = now_ns() + 200 * millisecond;
  while (!sched.lock.try_lock()) {
    if (now_ns() > give_up) return;
  }
  sched.stopping.store(true);
  sched.lock.unlock();
  const machine* const self = this_machine();
  for (bool any = true; any && now_ns() < give_up;) {
    any = false;
    for (std::size_t i = 0; i < sched.machine_slots.load(); ++i) {
      machine* const m = sched.machines[i].load();
      if (m == nullptr || m == self) continue;
      processor* p = nullptr;
      any |= try_take_processor(m, p) == take_result::busy;
    }
  }
}

void hold_still(machine* m) {
  const bool was_spinning = std::exchange(m->spinning, false);
  if (was_spinning) sched.spinning.fetch_sub(1);
  {
    const global_guard hold(sched.lock);
    if (!sched.stopping.load()) return;
    release_processor(m);
    sched.still_running.fetch_sub(1);
  }
  sched.stop_word.fetch_add(1);
  futex_wake(sched.stop_word, 1);
  become_idle(m);
}

}  // namespace goro::runtime
