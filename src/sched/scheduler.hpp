// SPDX-License-Identifier: BSL-1.0
// The scheduler's shared state, and the verbs of its protocol: a file each.
//
// M machines (OS threads) run G goroutines on P processors; Go's rules. What touches `lock` or a counter here is not
// on the hot path of a goroutine that wakes, starts or yields to others on its own processor.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <goro/detail/spin_lock.hpp>
#include <goro/go.hpp>

#include "base/check.hpp"
#include "sched/goroutine.hpp"
#include "sched/machine.hpp"
#include "sched/processor.hpp"
#include "sched/shared.hpp"

namespace goro::runtime {

inline constexpr std::size_t max_machines = 10'000;
inline constexpr int max_processors = 65'536;
inline constexpr std::size_t max_proxies = 16'384;  // that a dump can list

/// Grouped by who writes: what starts a group starts a cache line, so that what every goroutine reads stays in every
/// CPU's cache while the rest changes hands.
struct scheduler {
  // Read all the time, written next to never.
  alignas(64) std::atomic<std::uint32_t> era{1};   // of run(); goroutines of earlier ones never run again
  std::atomic<int> processor_count{0};
  std::atomic<bool> stopping{false};               // the world is being stopped
  std::atomic<bool> monitor_asleep{false};
  std::atomic<bool> main_has_exited{false};        // by goexit
  std::atomic<bool> exiting{false};                // exit() destroys what is static
  // Made when gomaxprocs() first reaches them, never freed; the first processor_count are in use.
  std::atomic<processor*> processors[max_processors]{};

  // Read at every wake, written when a machine begins or ends to look for work.
  alignas(64) shared_atomic<int> idle_count{0};    // written under lock
  shared_atomic<int> spinning{0};                  // machines that look for work
  shared_atomic<bool> dozing{false};               // one of the idle machines does; written under lock

  // Read at every yield, written by whoever uses the global queue.
  alignas(64) shared_atomic<std::size_t> global_size{0};  // written under lock; read anywhere as a hint

  // The one idle machine that waits for time (and, with a poller, for descriptors). Read when a timer starts.
  alignas(64) shared_atomic<machine*> sentinel{nullptr};
  shared_atomic<std::int64_t> sentinel_until{never};

  alignas(64) shared_atomic<std::uint64_t> last_id{1};  // ids are taken in batches; 1 is the main goroutine's

  alignas(64) detail::spin_lock lock;              // guards what follows
  // Runnable goroutines of no processor: from plain threads, after a yield to everybody.
  goroutine_list global_queue;
  processor* idle_processors = nullptr;
  machine* idle_machines = nullptr;                // the newest first
  std::size_t machine_count = 0;                   // that exist
  std::size_t idle_machine_count = 0;
  machine* free_machines = nullptr;                // whose threads have ended
  machine* requested_machines = nullptr;           // whose threads the monitor is to start
  goroutine_list free_proxies;
  std::size_t proxy_count = 0;
  machine_counters outside;                        // what plain threads counted

  alignas(64) std::atomic<machine*> machines[max_machines]{};  // slots are filled in order and never emptied
  std::atomic<std::size_t> machine_slots{0};
  std::atomic<goroutine*> proxies[max_proxies]{};  // of plain threads; slots are filled in order and never emptied

  alignas(64) timer_heap outside_timers;           // made by plain threads

  alignas(64) std::atomic<int> still_running{0};   // processors that are not stopped yet
  std::atomic<std::uint32_t> stop_word{0};
  std::atomic<int> blocked_threads{0};             // plain threads asleep in one of our operations
  shared_atomic<std::uint64_t> stirrings{0};       // threads and processors woken from sleep so far: deadlock.cpp
  std::atomic<int> waiting_tied{0};                // machines asleep until the goroutine tied to them can run
  std::atomic<int> external_waits{0};              // descriptors waited for, signals subscribed to: may wake anybody
  std::atomic<int> panicking{0};
  std::atomic<std::int64_t> abandoned{0};          // goroutines left over by runs that ended
  std::atomic<std::int64_t> abandoned_stacks{0};
  std::atomic<std::uint32_t> monitor_word{0};
  std::atomic<bool> deadlock_suspected{false};
  std::atomic<bool> dump_requested{false};
  std::atomic<bool> overflow_reported{false};
  std::atomic<std::uint64_t> takeaways{0};
};

extern scheduler sched [[gnu::visibility("hidden")]];  // reached without a table

/// Starts the runtime at its first use. Cheap afterwards.
void ensure_started();

// park.cpp: how a goroutine stops running.

machine* park(machine* m, after_switch_action action, void* argument, wait_reason reason, const void* object);
/// What park() does before and behind its switch, for those that go to goro_wait() themselves.
inline void begin_wait(machine* m, wait_reason reason, const void* object) noexcept {
  goroutine* const g = m->g;
  g->reason.store(reason, std::memory_order_relaxed);
  g->wait_object = object;
  g->waiting_since.store(0, std::memory_order_relaxed);
  g->state.store(status::waiting, std::memory_order_relaxed);
  m->count.parks.add();
}
inline void end_wait([[maybe_unused]] machine* m) noexcept { synchronizes_acquire(m->g); }
inline machine* do_nothing(machine* m, void*) noexcept { return m; }  // an action
machine* yield(machine* m);
machine* give_way(machine* m, after_switch_action, void*);  // yield()'s switch, if there is one to be made
void ready(machine* m, goroutine* g);  // m: the caller's, inside the runtime; null on a plain thread

/// The goroutine that stands for the calling plain thread.
goroutine* this_thread_proxy();

/// Who is calling: a goroutine on a machine that is inside the runtime, or a plain thread's stand-in. Every public
/// operation that touches a processor or waits makes one first; it leaves the runtime again whichever way the
/// operation ends. After park() the goroutine may be on another machine.
class runtime_call {
 public:
  runtime_call() : m_(this_machine()) {
    if (m_ == nullptr) [[unlikely]] {
      enter_on_thread();
      return;
    }
    m_ = enter_runtime(m_);
  }
  explicit runtime_call(machine& m) noexcept : m_(&m) {}  // which is inside already
  [[gnu::always_inline]] ~runtime_call() {  // also where it unwinds: else m_ would have to lie in memory
    if (m_ == nullptr) [[unlikely]] {
      leave_runtime_annotation();
      return;
    }
    leave_runtime(m_);
  }
  runtime_call(const runtime_call&) = delete;
  runtime_call& operator=(const runtime_call&) = delete;

  [[nodiscard]] goroutine* self() const noexcept { return m_ != nullptr ? m_->g : this_thread_proxy(); }
  [[nodiscard]] machine* on() const noexcept { return m_; }  // null on a plain thread

  /// Puts the caller aside until ready() is called for it. action(m, argument) runs when its stack is out of use: that
  /// is where it becomes visible as parked, typically by unlocking what its waiter is queued in.
  void park(after_switch_action action, void* argument, wait_reason reason, const void* object) {
    m_ = runtime::park(m_, action, argument, reason, object);
  }
  /// Makes g, which is parked and which the caller alone has claimed, runnable.
  void ready(goroutine* g) { runtime::ready(m_, g); }
  [[nodiscard]] random_source& random() const noexcept { return m_ != nullptr ? m_->random : thread_random(); }
  /// Lets others run: the caller goes to the back of its processor's queue.
  void yield() { m_ = runtime::yield(m_); }

 private:
  static random_source& thread_random() noexcept;
  static void enter_on_thread();

  machine* m_;
};

/// Switches from the goroutine m runs to another one or to the scheduler's stack; returns when it runs again, with
/// the machine it is on then.
machine* switch_away(machine* m, after_switch_action action, void* argument);
/// The same, to a goroutine that pick_at_hand() returned; null: to the scheduler's stack.
machine* switch_away_to(machine* m, goroutine* to, after_switch_action action, void* argument);
[[noreturn]] void end_goroutine(machine* m, goroutine* next);
void give_stack(machine* m, goroutine* g);  // fatal if there is none to be had

// thread_proxy.cpp: what stands for a plain thread
void park_thread(goroutine* g, after_switch_action action, void* argument, wait_reason reason, const void* object);
void wake_thread(goroutine* g);

// ready.cpp
void ready(machine* m, goroutine* g);  // m: the caller's, inside the runtime; null on a plain thread
void push_local(machine* m, goroutine* g);
machine* push_local_and_wake(machine* m, goroutine* g);
void push_global(goroutine* g);
void push_global_and_wake(goroutine* g);
goroutine* pop_global(processor* p,
                      std::size_t most = run_queue::batch_size);  // a fair share, the rest into p's queue
machine* wake_if_needed(machine* m);  // one more worker, if one is idle and none is looking already
machine* wake_one(machine* m);  // returns m, as all do that end in it
machine* wake_for_next(
    machine* m);  // the same for who is in a run_next, unless an idle one dozes and will look (idle.cpp)
void ready_all(machine* m, goroutine_list& list);  // as `wakes` does, below
[[nodiscard]] inline bool is_left_over(const goroutine* g) noexcept {
  return g->era != sched.era.load(std::memory_order_relaxed) && !g->is_thread &&
         !g->written_off.load(std::memory_order_relaxed);
}
inline void push_local(machine* m, goroutine* g) {
  if (!m->p->queue.try_push(g)) [[unlikely]]
    push_global(g);
}
/// S3
[[nodiscard]] inline bool somebody_should_look() noexcept {
  return sched.idle_count.load(std::memory_order_relaxed) != 0 && sched.spinning.load(std::memory_order_relaxed) == 0;
}
[[nodiscard]] inline bool somebody_should_look_for_next() noexcept {
  return sched.idle_count.load(std::memory_order_relaxed) != 0 && !sched.dozing.load(std::memory_order_relaxed) &&
         sched.spinning.load(std::memory_order_relaxed) == 0;
}
/// What is on the way of every switch and every wake calls others only as the last thing it does, so that there are no
/// registers to save.
[[gnu::noinline, gnu::cold]] machine* wake_if_needed_after_fence(machine* m);
[[gnu::always_inline]] inline machine* wake_if_needed(machine* m) {
  if (!asymmetric_barrier::try_light()) [[unlikely]]  // S2
    return wake_if_needed_after_fence(m);
  if (somebody_should_look()) return wake_one(m);  // S4
  return m;
}
[[gnu::noinline, gnu::cold]] machine* wake_for_next_after_fence(machine* m);
[[gnu::always_inline]] inline machine* wake_for_next(machine* m) {
  if (!asymmetric_barrier::try_light()) [[unlikely]]
    return wake_for_next_after_fence(m);
  if (somebody_should_look_for_next()) return wake_one(m);
  return m;
}
[[gnu::noinline, gnu::cold]] machine* push_to_overflow_and_wake(machine* m, goroutine* g);
[[gnu::always_inline]] inline machine* push_local_and_wake(machine* m, goroutine* g) {
  if (!m->p->queue.try_push_to_ring(g)) [[unlikely]]
    return push_to_overflow_and_wake(m, g);
  return wake_if_needed(m);
}

/// Makes several runnable: the first runs next, unless that was promised to another. What takes a call of the kernel comes
/// at the end, when the caller has let go of what those need who run: sending for help, and waking plain threads.
class wakes {
 public:
  explicit wakes(machine* m) noexcept : m_(m) {}
  [[gnu::always_inline]] void add(goroutine* g) {
    if (is_left_over(g)) [[unlikely]]
      return;
    if (g->is_thread) [[unlikely]] {
      threads_.push_back(g);
      return;
    }
    GORO_CHECK(g->state.load(std::memory_order_relaxed) == status::waiting, "ready: the goroutine was parked", g->id);
    g->state.store(status::runnable, std::memory_order_relaxed);
    synchronizes_release(g);
    if (m_ == nullptr) [[unlikely]] {
      ++behind_;
      push_global(g);
      return;
    }
    if (behind_ == 0 && m_->p->run_next.load(std::memory_order_relaxed) == nullptr) {
      m_->p->run_next.store(g, std::memory_order_release);
      next_ = true;
      return;
    }
    if (behind_++ < run_queue::batch_size) fetch_goroutine(g);  // before it is a thief's
    push_local(m_, g);
  }
  [[gnu::always_inline]] void end() {
    if (behind_ != 0) {
      wake_if_needed(m_);
    } else if (next_) {
      wake_for_next(m_);
    }
    while (goroutine* const g = threads_.pop_front()) wake_thread(g);
  }

 private:
  machine* m_;
  goroutine_list threads_;
  bool next_ = false;  // one of them runs next
  std::uint32_t behind_ = 0;  // so many at the back of the queue
};

// schedule.cpp, steal.cpp, idle.cpp: what a machine does between goroutines.
void schedule_loop(machine* m);
/// A goroutine that was woken by the one before it goes on in that one's time slice; any other begins a new one.
inline void begin_slice(processor* p) noexcept {
  p->slice.store(p->slice.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}
inline goroutine* pop_local(processor* p, bool& inherits) noexcept {
  if (goroutine* const g = p->run_next.load(std::memory_order_relaxed)) {
    p->run_next.store(nullptr, std::memory_order_relaxed);
    inherits = true;
    return g;
  }
  return p->queue.try_pop();
}
/// The next goroutine of m's own processor, if that is a matter of a few instructions. It begins its time slice.
[[nodiscard]] inline goroutine* pick_at_hand(machine* m) noexcept {
  processor* const p = m->p;
  if (--p->turns <= 0) return nullptr;
  const std::int64_t due = p->timers.next_due();
  if (due != never && due <= p->clock.as_far_as(due)) return nullptr;
  bool inherits = false;
  goroutine* const g = pop_local(p, inherits);
  if (g != nullptr && !inherits) begin_slice(p);
  return g;
}
/// Those that have waited longest, in whichever queue: they come first now and then, so that nobody waits for ever.
[[nodiscard]] goroutine* pop_oldest(processor* p);
void run_timers(machine* m);
goroutine* steal_work(machine* m);
void become_idle(machine* m);  // gives m's processor in; returns when it holds one again
void start_machine_for(processor* p, bool spinning);  // wakes or makes a machine to hold p
void give_up_processor(machine* m);  // to whoever needs it; m goes on without
bool try_take_idle_processor(machine* m);
void put_idle_processor(processor* p) noexcept;  // lock held
processor* take_idle_processor() noexcept;  // lock held; null if there is none
void acquire_processor(machine* m, processor* p) noexcept;
processor* release_processor(machine* m) noexcept;
void hold_still(machine* m);  // the world is being stopped: m gives its processor in
bool sleep_until_woken(machine* m, std::int64_t deadline);  // true: woken
void wake_machine(machine* m);
[[nodiscard]] std::int64_t earliest_timer() noexcept;  // of all heaps
void wake_sentinel_before(machine* m, std::int64_t when);  // m: the caller's; null on a plain thread
void see_to_the_sentinel();  // that there is one while a processor is busy, and knows of the first timer

// spawn.cpp, machine.cpp, monitor.cpp, world.cpp, deadlock.cpp
goroutine* new_goroutine_block(machine* m);
void recycle(machine* m, goroutine* g);
void new_machine(processor* p, bool spinning);
void start_requested_machines();
void end_after_unwinding();
void set_processor_count(int n);  // the world is stopped
void start_monitor();
void wake_monitor();
enum class take_result { taken, busy, gone };
take_result try_take_processor(machine* m, processor*& taken);
void stop_world();
void start_world();
void try_to_stop_world() noexcept;  // for a dying process: gives up after a while
void suspect_deadlock();
[[nodiscard]] bool everybody_is_asleep();
[[nodiscard]] std::int64_t goroutine_count() noexcept;
machine_counters total_counters();
void for_each_proxy(void (*f)(goroutine*, void*), void* argument);

}  // namespace goro::runtime
