// SPDX-License-Identifier: BSL-1.0
// A machine: an OS thread that runs goroutines.
//
// The lease: whether a machine still has its processor
//
// A goroutine that computes or blocks in the kernel for longer than its time slice loses its processor, without
// being interrupted: the monitor takes it away, and the goroutine finds out at its next runtime call. Also a thief
// that wants run_next, and whoever stops the world, borrow or take a processor this way. The owner's fast path is
// two plain accesses:
//
//   owner, at every runtime call               taker
//   O1  in_runtime = 1        (plain store)    M1  lease: held -> taking          (compare-and-swap)
//   O2  light barrier                          M2  heavy barrier
//   O3  lease == held ? go on : slow path      M3  in_runtime ? lease = expired or held  (it is busy with p)
//   O4  … uses p …                                           : uses or takes p, lease = held or lost
//   O5  in_runtime = 0        (release)
//
//   L1  At most one of the two touches the processor. The barriers make O1/O3 and M1/M3 a Dekker pair: either the
//       owner sees `taking`, or the taker sees in_runtime. If both do, the taker gives way, and the owner waits for
//       its answer (microseconds: the taker holds no lock and does not sleep between M1 and M3).
//   L2  Only the owner changes `expired` and `lost`; only the taker that set it changes `taking`.
//
// `expired` is how a taker that came at a bad moment asks: the owner yields at its next runtime call, so that a pair
// of goroutines which are inside the runtime nearly all the time cannot keep a processor either.
// Tested by: model/lease.pml, stress/takeaway_stress.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "arch/context.hpp"
#include "arch/exception_state.hpp"
#include "arch/sanitizer.hpp"
#include "arch/thread_word.hpp"
#include "base/random.hpp"
#include "os/barrier.hpp"
#include "sched/goroutine.hpp"

namespace goro::runtime {

struct processor;

enum class lease : std::uint8_t { held, expired, taking, lost };

/// What only the machine itself counts, and anybody sums up.
class counter {
 public:
  counter() = default;
  counter(const counter& other) noexcept : value_(other.get()) {}
  counter& operator=(const counter&) = delete;
  void add(std::int64_t n = 1) noexcept {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  [[nodiscard]] std::int64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

struct machine_counters {
  counter spawned, ended, channels, timers, stacks;  // differences, not totals: one may end where another began
  counter steals, handoffs, futex_sleeps, futex_wakes, migrations, parks;
  counter global_locks, shared_writes;  // shared.hpp
};

struct alignas(128) machine {
  std::atomic<std::uint32_t> in_runtime{1};
  std::atomic<lease> p_lease{lease::lost};
  processor* p = nullptr;                   // valid while p_lease is held
  goroutine* g = nullptr;                   // the one that runs; null on the scheduler's stack
  const void* returns_to = nullptr;         // from goro_wait(), who stopped there last; null: stopped elsewhere
  goroutine* picked = nullptr;              // the next one, chosen before the switch to the scheduler's stack
  exception_state* exceptions = nullptr;    // this thread's, inside the C++ library
  void* scheduler_sp = nullptr;
  random_source random{0};
  bool spinning = false;                    // looking for work, counted in scheduler::spinning; I4 in idle.cpp
  bool comes_from_doze = false;             // and has not looked since; idle.cpp
  int looks_in_vain = 0;                    // since it last ran a goroutine
  bool ends = false;                        // the thread is to exit: its locked goroutine has ended
  goroutine* locked_g = nullptr;            // runs nothing else
  machine_counters count;
  exception_state own_exceptions;           // of the scheduler's stack
  sanitizer_fiber fiber;
  after_switch_action after = nullptr;      // for sanitizers: switch.hpp
  void* after_argument = nullptr;

  std::atomic<std::uint32_t> wake_word{0};  // sleeps on it while idle
  std::atomic<processor*> given{nullptr};   // the processor it is woken with; written before wake_word
  machine* next_idle = nullptr;             // guarded by scheduler::lock
  machine* previous_idle = nullptr;         // guarded by scheduler::lock
  bool in_idle_list = false;                // guarded by scheduler::lock
  bool dozing = false;                      // guarded by scheduler::lock; idle.cpp
  bool exists = false;                      // guarded by scheduler::lock
  int thread_id = 0;
  std::uint32_t index = 0;
};

static_assert(offsetof(machine, returns_to) == 24);  // machine_returns_to in context_x86_64.S

/// The machine of this thread, or null on a plain thread. Never keep the result across a switch.
[[gnu::always_inline]] inline machine* this_machine() noexcept { return static_cast<machine*>(thread_word()); }
inline void set_this_machine(machine* m) noexcept { set_thread_word(m); }

[[gnu::noinline]] machine* enter_slow(machine* m);

/// O1 to O3. Returns the machine that the goroutine is on then: it may have had to wait for a processor.
inline machine* enter_runtime(machine* m) {
  enter_runtime_annotation();
  m->in_runtime.store(1, std::memory_order_relaxed);
  asymmetric_barrier::light();
  if (m->p_lease.load(std::memory_order_acquire) != lease::held) [[unlikely]]
    return enter_slow(m);
  return m;
}
/// The same, if it takes no more than a few instructions. False: enter_runtime() is to be called.
[[nodiscard]] inline bool try_enter_runtime(machine* m) noexcept {
  m->in_runtime.store(1, std::memory_order_relaxed);
  if (!asymmetric_barrier::try_light() || m->p_lease.load(std::memory_order_acquire) != lease::held) [[unlikely]]
    return false;
  enter_runtime_annotation();
  return true;
}
inline void leave_runtime(machine* m) noexcept {
  m->in_runtime.store(0, std::memory_order_release);
  leave_runtime_annotation();
}

}  // namespace goro::runtime
