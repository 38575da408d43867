// SPDX-License-Identifier: BSL-1.0
// sleep, after_func, and what all timers share.
#include "time/timers.hpp"

#include <atomic>
#include <mutex>
#include <new>

#include <goro/time.hpp>

#include "arch/sanitizer.hpp"
#include "os/clock.hpp"
#include "time/pending_calls.hpp"

namespace goro::runtime {

namespace {

timer_heap& heap_of(const runtime_call& call) {
  return call.on() != nullptr ? call.on()->p->timers : sched.outside_timers;
}

std::uint32_t era_of(const runtime_call& call) noexcept {
  return call.on() != nullptr ? sched.era.load(std::memory_order_relaxed) : timer::era_of_threads;
}

std::int64_t later(std::int64_t now, std::chrono::nanoseconds d) noexcept {
  if (d.count() <= 0) return now;
  return d.count() >= never - 1 - now ? never - 1 : now + d.count();
}

/// Like due_after(), or up to a microsecond later, in half the time: for what is seen only when a goroutine runs.
std::int64_t due_soon_after(const runtime_call& call, std::chrono::nanoseconds d) noexcept {
  return later(call.on() != nullptr ? call.on()->p->clock.now() : now_ns(), d);
}

/// Gives t another time if it is armed in the caller's heap; false: it is not. One step: it is armed all the while.
bool rearm_timer(const runtime_call& call, timer& t, std::int64_t when) {
  const timer_heap::rearmed done = heap_of(call).rearm(t, when, era_of(call));
  if (done == timer_heap::rearmed::earlier) wake_sentinel_before(call.on(), when);
  return done != timer_heap::rearmed::no;
}

void set_due(const runtime_call& call, timer& t, std::int64_t when) {
  t.when = when;
  t.era = era_of(call);
}

}  // namespace

template class slab_store<detail::func_timer>;
constinit slab_store<detail::func_timer> pending_calls;

std::int64_t due_after(std::chrono::nanoseconds d) noexcept { return later(now_ns(), d); }

void wake_sleeper(timer* t, std::int64_t, goroutine_list& woken) {
  t->heap.store(nullptr, std::memory_order_release);
  woken.push_back(sleeper_of(t));
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

}  // namespace goro::runtime

namespace goro {

clock::time_point clock::now() noexcept { return time_point(duration(runtime::now_ns())); }

namespace detail {

using namespace runtime;

void sleep(std::chrono::nanoseconds d) {
  if (d.count() <= 0) return;
  runtime_call call;
  runtime::timer& alarm = *::new (&call.self()->waits.alarm) runtime::timer(wake_sleeper);
  set_due(call, alarm, due_soon_after(call, d));
  struct arming {
    runtime::timer& alarm;
    timer_heap& heap;
  } arm{alarm, heap_of(call)};
  // Armed behind the switch: it may fire at once, on another machine.
  call.park(
      [](machine* m, void* argument) {
        const arming now = *static_cast<arming*>(argument);
        const std::int64_t when = now.alarm.when;
        now.heap.add(now.alarm);
        wake_sentinel_before(m, when);
        return m;
      },
      &arm, wait_reason::sleep, nullptr);
}

namespace {

func_timer* make_func_timer(const runtime_call& call, owned_function&& f) {
  func_timer* const t = call.on() != nullptr ? pending_calls.acquire(call.on()->p->calls) : pending_calls.acquire();
  if (t == nullptr) [[unlikely]]
    throw std::bad_alloc();
  synchronizes_acquire(t);  // with who had the memory before
  return ::new (t) func_timer(std::move(f));
}

void destroy_func_timer(func_timer* t) noexcept {
  t->~func_timer();  // the program's code: outside the runtime
  const runtime_call call;
  synchronizes_release(t);
  if (call.on() != nullptr) {
    pending_calls.release(call.on()->p->calls, t);
  } else {
    pending_calls.release(t);
  }
}

}  // namespace

void release_func_timer(func_timer* t) noexcept {
  if (t == nullptr) return;
  // Who has the only reference need not count down: nobody else can make another.
  if (t->references.load(std::memory_order_acquire) == 1 || t->references.fetch_sub(1, std::memory_order_acq_rel) == 1)
    destroy_func_timer(t);
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
  const runtime_call call;
  func_timer* const t = make_func_timer(call, std::move(f));
  start_timer(call, *t, due_soon_after(call, d));
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
  const std::int64_t when = due_soon_after(call, d);
  if (rearm_timer(call, *t, when)) return true;
  const std::lock_guard<spin_lock> hold(t->lock);
  const bool was_armed = timer_heap::remove(call, *t);
  if (!was_armed) t->references.fetch_add(1, std::memory_order_relaxed);
  start_timer(call, *t, when);
  return was_armed;
}

}  // namespace detail
}  // namespace goro
