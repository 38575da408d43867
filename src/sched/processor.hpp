// SPDX-License-Identifier: BSL-1.0
// A processor: the right to run goroutines, with what that takes. A machine (an OS thread) holds one while it runs
// a goroutine; gomaxprocs() is how many there are.
#pragma once

#include <atomic>
#include <cstdint>

#include "os/clock.hpp"
#include "sched/busy_period.hpp"
#include "sched/run_queue.hpp"
#include "sched/slabs.hpp"
#include "sched/stacks.hpp"
#include "time/timer_heap.hpp"

namespace goro::detail {
struct func_timer;
}

namespace goro::runtime {

struct machine;

/// Fields without a remark belong to the machine that holds the processor, while it is inside the runtime.
struct alignas(128) processor {
  int id = 0;
  std::atomic<goroutine*> run_next{nullptr};  // runs before the queue, in the time slice of the one that woke it
  static constexpr std::int32_t turns_of_the_newest = 60;
  std::int32_t turns = 0;                     // until those come first that have waited longest
  bool global_first = false;  // then: the global queue before the overflow, the other way round next time
  std::atomic<std::uint32_t> slice{0};  // time slices begun; the monitor compares
  stack_cache stacks;
  slab_cache<goroutine> blocks;
  slab_cache<detail::func_timer> calls;
  std::uint64_t next_id = 0;  // of a batch taken from the scheduler
  std::uint64_t last_id = 0;

  std::atomic<machine*> m{nullptr};  // who holds it; null: idle, stopped or on its way
  processor* next_idle = nullptr;  // guarded by scheduler::lock
  bool idle = false;  // guarded by scheduler::lock

  std::uint32_t seen_slice = 0;  // the monitor's
  std::int64_t seen_since = 0;  // the monitor's

  run_queue queue;
  timer_heap timers;  // has its own lock
  due_clock clock;
  busy_period busy;
};

}  // namespace goro::runtime
