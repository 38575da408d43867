// SPDX-License-Identifier: BSL-1.0
// sleep, after_func, and what all timers share.
#include "time/timers.hpp"

#include <atomic>
#include <mutex>

#include <goro/time.hpp>

#include "os/clock.hpp"

namespace goro::runtime {

namespace {

timer_heap& heap_of(const runtime_call& call) {
  return call.on() != nullptr ? call.on()->p->timers : sched.outside_timers;
}

void set_due(const runtime_call& call, timer& t, std::int64_t when) {
  t.when = when;
  t.era = sched.era.load(std::memory_order_relaxed);
  t.of_thread = call.on() == nullptr;
}

}  // namespace

std::int64_t due_after(std::chrono::nanoseconds d) noexcept {
  const std::int64_t now = now_ns();
  if (d.count() <= 0) return now;
  return d.count() >= never - 1 - now ? never - 1 : now + d.count();
}

goroutine* new_call(void (*run)(void* argument), void* argument) {
  machine* const m = this_machine();
  goroutine* const g = new_goroutine_block(m);
  g->run = run;
  g->closure = argument;
  g->creator_id = 0;
  g->creator_pc = nullptr;
  if (m != nullptr) {
    m->count.spawned.add();
  } else {
    const global_guard hold(sched.lock);
    sched.outside.spawned.add();
  }
  g->state.store(status::waiting, std::memory_order_relaxed);
  return g;
}

void start_timer(const runtime_call& call, timer& t, std::int64_t when) {
  set_due(call, t, when);
  heap_of(call).add(t);
  wake_sentinel_before(call.on(), when);
}

bool rearm_timer(const runtime_call& call, timer& t, std::int64_t when) {
  if (!heap_of(call).rearm(t, when, sched.era.load(std::memory_order_relaxed), call.on() == nullptr)) return false;
  wake_sentinel_before(call.on(), when);
  return true;
}

}  // namespace goro::runtime

namespace goro {

clock::time_point clock::now() noexcept { return time_point(duration(runtime::now_ns())); }

namespace detail {

using namespace runtime;

namespace {

struct sleeping : runtime::timer {
  explicit sleeping(goroutine* sleeper)
      : runtime::timer([](runtime::timer* t, std::int64_t, goroutine_list& woken) {
          t->heap.store(nullptr, std::memory_order_release);
          woken.push_back(static_cast<sleeping*>(t)->g);
        }),
        g(sleeper) {}
  goroutine* g;
};

}  // namespace

void sleep(std::chrono::nanoseconds d) {
  if (d.count() <= 0) return;
  runtime_call call;
  sleeping s(call.self());
  set_due(call, s, due_after(d));
  struct arming {
    sleeping& s;
    timer_heap& heap;
  } arm{s, heap_of(call)};
  // Armed behind the switch: it may fire at once, on another machine.
  call.park(
      [](machine* m, void* argument) {
        const arming now = *static_cast<arming*>(argument);
        const std::int64_t when = now.s.when;
        now.heap.add(now.s);
        wake_sentinel_before(m, when);
      },
      &arm, wait_reason::sleep, nullptr);
}

/// A pending call. One reference is the handle's, one the heap's while it is armed, one each call's that runs.
struct func_timer : runtime::timer {
  explicit func_timer(owned_function function) : runtime::timer(fire_it), f(std::move(function)) {}
  owned_function f;
  std::atomic<int> references{2};
  spin_lock lock;  // held by a reset while the timer is in no heap

  static void fire_it(runtime::timer* t, std::int64_t, goroutine_list& woken);
};

void release_func_timer(func_timer* t) noexcept {
  if (t == nullptr) return;
  // Who has the only reference need not count down: nobody else can make another.
  if (t->references.load(std::memory_order_acquire) == 1 || t->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    delete t;
}

namespace {

void call_func(void* argument) {
  struct owner {
    func_timer* t;
    ~owner() { release_func_timer(t); }
  } owned{static_cast<func_timer*>(argument)};
  owned.t->f();
}

}  // namespace

/// The heap's reference becomes the call's.
void func_timer::fire_it(runtime::timer* t, std::int64_t, goroutine_list& woken) {
  woken.push_back(new_call(call_func, static_cast<func_timer*>(t)));
  t->heap.store(nullptr, std::memory_order_release);
}

func_timer* start_func_timer(std::chrono::nanoseconds d, owned_function f) {
  auto* const t = new func_timer(std::move(f));
  const runtime_call call;
  start_timer(call, *t, due_after(d));
  return t;
}

bool stop_func_timer(func_timer* t) {
  if (t == nullptr) throw_panic("time: Stop called on uninitialized Timer");
  bool stopped = false;
  {
    const runtime_call call;
    stopped = timer_heap::remove(call, *t);
    if (!stopped) {  // or a reset is moving it to another heap
      const std::lock_guard<spin_lock> hold(t->lock);
      stopped = timer_heap::remove(call, *t);
    }
  }
  if (stopped) release_func_timer(t);
  return stopped;
}

bool reset_func_timer(func_timer* t, std::chrono::nanoseconds d) {
  if (t == nullptr) throw_panic("time: Reset called on uninitialized Timer");
  const runtime_call call;
  const std::int64_t when = due_after(d);
  if (rearm_timer(call, *t, when)) return true;
  const std::lock_guard<spin_lock> hold(t->lock);
  const bool was_armed = timer_heap::remove(call, *t);
  if (!was_armed) t->references.fetch_add(1, std::memory_order_relaxed);
  start_timer(call, *t, when);
  return was_armed;
}

}  // namespace detail
}  // namespace goro
