// SPDX-License-Identifier: BSL-1.0
// The monitor: a thread without a processor that looks at the others now and then. It takes processors from hogs
// (machine.hpp has the protocol), sends help to those that thought they would do without (R4 in ready.cpp), tells the
// sentinel of timers (I6 in idle.cpp), gives unused stacks and blocks back to the kernel, checks for deadlock when the
// scheduler suspects one, and writes the dump that SIGQUIT asks for. When everything is idle it sleeps.
#include <algorithm>
#include <utility>

#include <pthread.h>

#include "debug/dump.hpp"
#include "debug/last_words.hpp"
#include "os/futex.hpp"
#include "os/thread.hpp"
#include "sched/blocks.hpp"
#include "sched/scheduler.hpp"
#include "time/pending_calls.hpp"

namespace goro::runtime {

namespace {

constexpr std::int64_t time_slice = 10 * millisecond;
constexpr std::int64_t step = 1 * millisecond;
constexpr std::int64_t between_censuses = 20 * second;
constexpr std::int64_t quiet_before_sleep = 100 * millisecond;
constexpr std::int64_t between_looks_at_stock = 500 * millisecond;

bool work_waits_for(const processor* p, std::int64_t now) noexcept {
  return !p->queue.empty() || p->run_next.load(std::memory_order_relaxed) != nullptr ||
         sched.global_size.load(std::memory_order_relaxed) != 0 || p->timers.next_due() <= now ||
         sched.outside_timers.next_due() <= now;
}

/// R4: what it has not been worth sending for help for takes longer than it used to.
bool needs_help(processor* p, std::int64_t now) noexcept {
  if (!p->busy.is_without_help(now) || !work_waits_for(p, now)) return false;
  p->busy.help_is_sent_for();
  return true;
}

void take_from_hog(machine* m) {
  processor* p = nullptr;
  if (try_take_processor(m, p) != take_result::taken) return;  // busy: it yields at its next runtime call
  sched.takeaways.fetch_add(1, std::memory_order_relaxed);
  start_machine_for(p, false);
}

/// Returns when the next time slice will be over, if nobody begins another.
std::int64_t look_after_busy_ones(std::int64_t now) {
  bool help_needed = false;
  bool any_for_long = false;
  machine* hogs[64];
  std::size_t found = 0;
  std::int64_t next = never;
  {
    // The lock keeps gomaxprocs() from replacing the processors meanwhile.
    const global_guard hold(sched.lock);
    if (sched.stopping.load(std::memory_order_relaxed)) return next;
    const int n = sched.processor_count.load(std::memory_order_relaxed);
    for (int i = 0; i < n && found < std::size(hogs); ++i) {
      processor* const p = sched.processors[i];
      help_needed |= needs_help(p, now);
      machine* const m = p->m.load(std::memory_order_acquire);
      any_for_long |= m != nullptr && p->busy.is_old(now);
      const std::uint32_t slice = p->slice.load(std::memory_order_relaxed);
      if (m == nullptr || slice != p->seen_slice) {
        p->seen_slice = slice;
        p->seen_since = now - step / 2;  // it began at some time since the last look
      } else if (now - p->seen_since >= time_slice && work_waits_for(p, now)) {
        p->seen_since = now;
        hogs[found++] = m;
      }
      if (m != nullptr && p->seen_since + time_slice > now) next = std::min(next, p->seen_since + time_slice);
    }
  }
  if (help_needed) wake_if_needed(nullptr);
  if (any_for_long) see_to_the_sentinel();
  for (std::size_t i = 0; i < found; ++i) take_from_hog(hogs[i]);
  return next;
}

bool all_idle() noexcept {
  return sched.idle_count.load(std::memory_order_relaxed) == sched.processor_count.load(std::memory_order_relaxed);
}

/// The scheduler sees nobody who could go on. What it cannot see are threads of the program: as long as there are
/// any that do not wait for us, look again, less and less often.
std::int64_t check_deadlock(std::int64_t now, std::int64_t& next_look, std::int64_t& pause) {
  if (!sched.deadlock_suspected.load()) return never;
  if (now < next_look) return next_look;
  if (everybody_is_asleep()) report_deadlock();
  next_look = now + pause;
  pause = pause * 2 > second ? second : pause * 2;
  return next_look;
}

/// For "N minutes" in dumps: a goroutine that parks does not look at the clock, so its wait is timed from here.
void time_those_who_wait(std::int64_t now) {
  const auto time_one = [](goroutine* g, void* at) {
    if (g->state.load(std::memory_order_relaxed) == status::waiting &&
        g->waiting_since.load(std::memory_order_relaxed) == 0)
      g->waiting_since.store(*static_cast<const std::int64_t*>(at), std::memory_order_relaxed);
  };
  for_each_goroutine(time_one, &now);
  for_each_proxy(time_one, &now);
}

/// What idle processors have at hand becomes everybody's. Nobody holds them, so it is the lock's.
void empty_idle_processors() {
  const int n = sched.processor_count.load();
  for (int i = 0; i < n; ++i) {
    slab_cache<goroutine> blocks;
    slab_cache<detail::func_timer> calls;
    stack_cache stacks;
    {
      const global_guard hold(sched.lock);
      processor* const p = sched.processors[i];
      if (!p->idle) continue;
      blocks = std::exchange(p->blocks, {});
      calls = std::exchange(p->calls, {});
      stacks = std::exchange(p->stacks, {});
    }
    control_blocks.flush(blocks);
    pending_calls.flush(calls);
    flush_stack_cache(stacks);
  }
}

/// Gives back to the kernel what the program has not needed for a while.
class trimmer {
 public:
  /// Some of it; then `next` says when to go on.
  void trim(std::int64_t now) {
    if (now < next_) return;
    const bool look = now >= next_look_;
    if (look) {
      next_look_ = now + between_looks_at_stock;
      empty_idle_processors();
    }
    left_ = std::max({trim_stacks(look), control_blocks.trim(look), pending_calls.trim(look)});
    next_ = left_ == remainder::surplus ? now + step : next_look_;
  }
  void somebody_runs() { left_ = std::max(left_, remainder::later); }
  [[nodiscard]] std::int64_t next() const { return left_ == remainder::nothing ? never : next_; }
  [[nodiscard]] bool is_busy() const { return left_ == remainder::surplus; }

 private:
  remainder left_ = remainder::nothing;
  std::int64_t next_ = 0;
  std::int64_t next_look_ = 0;
};

void* monitor(void*) {
  name_this_thread("goro monitor");
  set_timer_slack();
  enter_runtime_annotation();
  std::int64_t quiet_since = now_ns();
  std::int64_t next_look = 0;
  std::int64_t pause = millisecond;
  trimmer unused;
  std::int64_t next_census = now_ns() + between_censuses;
  bool census_due = true;  // somebody has run since the last one
  for (;;) {
    std::int64_t now = now_ns();
    if (sched.dump_requested.load()) dump_and_exit();
    if (sched.overflow_reported.load()) report_stack_overflow();
    start_requested_machines();
    std::int64_t until = now + step;
    bool may_sleep = false;
    if (!all_idle()) {
      quiet_since = now;
      pause = millisecond;
      census_due = true;
      unused.somebody_runs();
      until = std::min(until, look_after_busy_ones(now));
    } else {
      until = std::min(now + 2 * step, check_deadlock(now, next_look, pause));
      may_sleep = now - quiet_since > quiet_before_sleep;
    }
    unused.trim(now);
    until = std::min(until, unused.next());
    if (census_due && now >= next_census) {
      time_those_who_wait(now);
      next_census = now + between_censuses;
      census_due = !all_idle();
    }
    // A request that comes from here on finds the word zero and sets it: the sleep below ends at once.
    if (sched.monitor_word.exchange(0) != 0) continue;
    if (may_sleep && !unused.is_busy()) {
      sched.monitor_asleep.store(true);
      asymmetric_barrier::heavy();
      const std::int64_t look = std::min(check_deadlock(now_ns(), next_look, pause), unused.next());
      if (all_idle()) futex_wait(sched.monitor_word, 0, census_due ? std::min(look, next_census) : look);
      sched.monitor_asleep.store(false);
      if (sched.monitor_word.load() != 0) quiet_since = now_ns();  // who runs now and then is not to wake it each time
      continue;
    }
    futex_wait(sched.monitor_word, 0, until);
  }
}

}  // namespace

void start_monitor() { start_thread(monitor, nullptr); }

void wake_monitor() {
  sched.monitor_word.store(1);
  futex_wake(sched.monitor_word, 1);
}

/// M1 to M3, and the taking. `gone`: m holds no processor.
take_result try_take_processor(machine* m, processor*& taken) {
  for (;;) {
    lease now = m->p_lease.load(std::memory_order_acquire);
    if (now == lease::lost) return take_result::gone;
    if (now == lease::taking) return take_result::busy;
    if (m->p_lease.compare_exchange_strong(now, lease::taking)) break;  // M1
  }
  asymmetric_barrier::heavy();  // M2
  if (m->in_runtime.load(std::memory_order_acquire) != 0) {  // M3
    m->p_lease.store(lease::expired, std::memory_order_release);
    return take_result::busy;
  }
  taken = m->p;
  taken->m.store(nullptr, std::memory_order_release);
  m->p_lease.store(lease::lost, std::memory_order_release);
  return take_result::taken;
}

}  // namespace goro::runtime
