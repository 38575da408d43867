// SPDX-License-Identifier: BSL-1.0
// The runtime starts at its first use and stays until the process ends. run() makes a main goroutine on top of it.
#include <cstdlib>
#include <string>

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/check.hpp"
#include "base/output.hpp"
#include "debug/dump.hpp"
#include "debug/last_words.hpp"
#include "debug/signals.hpp"
#include "os/futex.hpp"
#include "os/thread.hpp"
#include "sched/blocks.hpp"
#include "sched/scheduler.hpp"
#include "time/pending_calls.hpp"

namespace goro::runtime {

scheduler sched;

using guard = global_guard;

namespace {

int default_processors() {
  if (const char* const text = std::getenv("GORO_MAXPROCS"); text != nullptr && *text != '\0') {
    char* end = nullptr;
    const long n = std::strtol(text, &end, 10);
    if (*end != '\0' || n < 1) {
      output() << "goro: GORO_MAXPROCS=\"" << text
               << "\" is not a number of processors: set it to 1 or more, or unset it\n";
      ::_exit(2);
    }
    return n > max_processors ? max_processors : static_cast<int>(n);
  }
  const int cpus = usable_cpus();
  const int limit = cgroup_cpu_limit();
  // With less than two CPUs' worth of time, two goroutines still run side by side for a while.
  if (limit == 0 || limit >= cpus) return cpus;
  return limit < 2 ? 2 : limit;
}

void keep_what_goroutines_hold() {
  for_each_goroutine(
      [](goroutine* g, void*) {
        keep_reachable(g, g + 1);
        if (g->stk != nullptr && g->sp != nullptr && g->state.load() != status::running)
          keep_reachable(g->sp, g->stk->top());
      },
      nullptr);
}

void keep_what_calls_hold() {
  pending_calls.for_each_begun([](std::span<detail::func_timer> calls) {
    if (!calls.empty()) keep_reachable(calls.data(), calls.data() + calls.size());
  });
}

void start() {
  asymmetric_barrier::initialize();
  set_processor_count(default_processors());
  for (int i = sched.processor_count.load(); i-- > 0;) put_idle_processor(sched.processors[i]);
  install_signal_handlers();
  install_terminate_handler();
  sched.monitor_asleep.store(false);
  start_monitor();
  std::atexit([] { sched.exiting.store(true); });
  if (GORO_ASAN != 0) std::atexit(keep_what_goroutines_hold);
  if (GORO_ASAN != 0) std::atexit(keep_what_calls_hold);
}

/// What run() and its main goroutine share; gone as soon as `done` is set.
struct main_call {
  detail::main_function call;
  void* context;
  int result = 0;
  std::atomic<std::uint32_t> done{0};
};

void run_main_goroutine(void* argument) {
  auto* const main = static_cast<main_call*>(argument);
  const std::uint32_t era = sched.era.load();
  main->result = main->call(main->context);
  sched.blocked_threads.fetch_sub(1);
  std::atomic<std::uint32_t>& done = main->done;
  done.store(1, std::memory_order_release);
  futex_wake(done, 1);
  // Nobody else gets this processor any more: it is taken from here when run() stops the world. run() has written this
  // goroutine off with the others by then; it alone goes on, to end in order.
  while (sched.era.load() == era) futex_wait(sched.era, era, never);
  this_machine()->g->written_off.store(true);
}

std::atomic<bool> running{false};

std::size_t main_stack_size(std::size_t asked) {
  if (asked != 0) return asked;
  rlimit limit{};
  constexpr std::size_t most = std::size_t{64} << 20;
  if (::getrlimit(RLIMIT_STACK, &limit) != 0) return std::size_t{8} << 20;
  if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur > most) return most;
  return limit.rlim_cur < default_stack_size ? default_stack_size : static_cast<std::size_t>(limit.rlim_cur);
}

void drop_queues() {
  for (int i = 0; i < sched.processor_count.load(); ++i) {
    processor* const p = sched.processors[i];
    p->run_next.store(nullptr);
    while (p->queue.try_pop() != nullptr) {
    }
    p->timers.drop_before(sched.era.load());
  }
  sched.outside_timers.drop_before(sched.era.load());
  const guard hold(sched.lock);
  while (sched.global_queue.pop_front() != nullptr) {
  }
  sched.global_size.store(0);
}

/// The main function has returned: whoever is left never runs again.
void end_run(leftover leftovers) {
  stop_world();
  if (leftovers == leftover::report) report_leftovers();
  if (GORO_ASAN != 0) keep_what_goroutines_hold();
  sched.era.fetch_add(1);
  drop_queues();
  sched.abandoned.fetch_add(goroutine_count());
  sched.abandoned_stacks.store(total_counters().stacks.get());
  futex_wake(sched.era, 1);
  start_world();
}

}  // namespace

void ensure_started() {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
}

void set_processor_count(int n) {
  const int before = sched.processor_count.load();
  for (int i = before; i < n; ++i) {
    if (sched.processors[i].load() != nullptr) continue;
    auto* const p = new processor;
    p->id = i;
    sched.processors[i].store(p, std::memory_order_release);
  }
  for (int i = n; i < before; ++i) {  // what they hold goes to the others
    processor* const p = sched.processors[i];
    if (goroutine* const g = p->run_next.exchange(nullptr)) push_global(g);
    while (goroutine* const g = p->queue.try_pop()) push_global(g);
    p->timers.move_to(sched.processors[0].load()->timers);
    flush_stack_cache(p->stacks);
    control_blocks.flush(p->blocks);
    pending_calls.flush(p->calls);
  }
  sched.processor_count.store(n);
}

std::int64_t goroutine_count() noexcept {
  const machine_counters total = total_counters();
  return total.spawned.get() - total.ended.get() - sched.abandoned.load();
}

machine_counters total_counters() {
  machine_counters sum;
  const auto add = [&sum](const machine_counters& one) {
    // What has ended is read first: a goroutine seen as ended has also been seen as spawned.
    sum.ended.add(one.ended.get());
    sum.spawned.add(one.spawned.get());
    sum.channels.add(one.channels.get());
    sum.timers.add(one.timers.get());
    sum.stacks.add(one.stacks.get());
    sum.steals.add(one.steals.get());
    sum.handoffs.add(one.handoffs.get());
    sum.futex_sleeps.add(one.futex_sleeps.get());
    sum.futex_wakes.add(one.futex_wakes.get());
    sum.migrations.add(one.migrations.get());
    sum.parks.add(one.parks.get());
    sum.global_locks.add(one.global_locks.get());
    sum.shared_writes.add(one.shared_writes.get());
  };
  for (std::size_t i = 0; i < sched.machine_slots.load(std::memory_order_acquire); ++i)
    if (const machine* const m = sched.machines[i].load(std::memory_order_acquire)) add(m->count);
  add(sched.outside);
  return sum;
}

}  // namespace goro::runtime

namespace goro::detail {

using namespace runtime;

int run_main(const run_options& options, main_function call, void* context) {
  if (this_machine() != nullptr)
    throw_panic("goro::run called from a goroutine: it makes the main goroutine; use goro::go for another one");
  if (options.max_procs < 0)
    throw_panic("goro::run: max_procs " + std::to_string(options.max_procs) +
                " is negative; 0 leaves gomaxprocs alone");
  if (options.stack_size != 0 && (options.stack_size < minimum_stack_size || options.stack_size > maximum_stack_size))
    throw_panic("goro::run: stack_size " + std::to_string(options.stack_size) + " is out of range: at least " +
                std::to_string(minimum_stack_size) + " and at most " + std::to_string(maximum_stack_size) +
                " bytes, or 0");
  if (runtime::running.exchange(true)) throw_panic("goro::run is running already, on another thread");
  ensure_started();
  const int procs_before = options.max_procs > 0 ? gomaxprocs(options.max_procs) : 0;

  main_call main{call, context};
  goroutine* g = nullptr;
  {
    const runtime_call here;
    g = new_goroutine_block(here.on());
    g->id = 1;
    g->run = runtime::run_main_goroutine;
    g->closure = &main;
    g->creator_id = 0;
    g->creator_pc = nullptr;
    g->stack_size = static_cast<std::uint32_t>(main_stack_size(options.stack_size));
    {
      const guard hold(sched.lock);
      sched.outside.spawned.add();
    }
    g->state.store(status::waiting, std::memory_order_relaxed);
    sched.main_has_exited.store(false);
    this_thread_proxy()->reason.store(wait_reason::run);
    ready(nullptr, g);
    sched.blocked_threads.fetch_add(1);  // not before: until then this thread is one that may still send
    asymmetric_barrier::heavy();
    suspect_deadlock();  // everybody else may be asleep already: this thread was the last to count
  }
  while (main.done.load(std::memory_order_acquire) == 0) futex_wait(main.done, 0, never);

  while (sched.panicking.load() != 0) ::pause();  // somebody is dying: the process ends with that
  end_run(options.leftovers);
  if (procs_before != 0) gomaxprocs(procs_before);
  runtime::running.store(false);
  return main.result;
}

}  // namespace goro::detail

namespace goro {

using namespace runtime;

int gomaxprocs(int n) {
  ensure_started();
  if (n > max_processors) n = max_processors;
  if (n < 1 || n == sched.processor_count.load()) return sched.processor_count.load();
  const detail::blocking_section without_processor;
  stop_world();
  const int before = sched.processor_count.load();
  enter_runtime_annotation();  // the world stands still, which ThreadSanitizer does not know
  if (n != before) set_processor_count(n);
  leave_runtime_annotation();
  start_world();
  return before;
}

std::size_t num_goroutine() {
  ensure_started();
  const std::int64_t n = goroutine_count();
  return n > 0 ? static_cast<std::size_t>(n) : 0;
}

int num_cpu() { return usable_cpus(); }

}  // namespace goro
