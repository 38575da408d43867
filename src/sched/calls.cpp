// SPDX-License-Identifier: BSL-1.0
// gosched, goexit, goid, blocking sections and thread locks: what users call of the scheduler itself.
#include <cxxabi.h>

#include <exception>

#include <goro/detail/biased_lock.hpp>

#include "base/check.hpp"
#include "debug/last_words.hpp"
#include "sched/scheduler.hpp"

namespace goro {

using namespace runtime;

namespace {

machine* after_gosched(machine* m) {
  leave_runtime(m);
  return m;
}

[[gnu::noinline]] void gosched_slowly() {
  runtime_call call;
  call.yield();
}

}  // namespace

void gosched() {
  machine* const m = this_machine();
  if (m == nullptr || !try_enter_runtime(m)) [[unlikely]]
    return gosched_slowly();
  goro_wait(m, nullptr, nullptr, after_gosched, give_way);
}

void goexit() {
  const machine* const m = this_machine();
  if (m == nullptr || m->g == nullptr)
    detail::throw_panic("goro::goexit called on a thread that is no goroutine: return from its function instead");
  m->g->exit.store(goexit_state::under_way, std::memory_order_relaxed);
  throw goexit_signal{};
}

namespace detail {

bool can_call_apart() noexcept {
  const machine* const m = this_machine();
  if (m == nullptr || m->g == nullptr || m->g->stk == nullptr) return false;
  const goroutine& g = *m->g;
  if (g.exit.load(std::memory_order_relaxed) != goexit_state::none || std::uncaught_exceptions() != 0) return false;
  const auto* const here = static_cast<const std::byte*>(__builtin_frame_address(0));
  return here - g.stk->bottom >= (g.stk->top() - g.stk->bottom) / 4 * 3;
}

void call_apart(void (*f)(void* argument), void* argument) noexcept {
  try {
    f(argument);
  } catch (const goexit_signal&) {
    this_machine()->g->exit.store(goexit_state::none, std::memory_order_relaxed);
  } catch (...) {
    std::terminate();  // in a handler, so that it knows the exception
  }
  // The goroutines whose work was done here are still queued, and end at once when it is their turn.
  if (++this_machine()->g->calls_apart % 64 == 0) gosched();
}

}  // namespace detail

std::uint64_t goid() {
  const machine* const m = this_machine();
  return m != nullptr && m->g != nullptr ? m->g->id : 0;
}

os_thread_lock::os_thread_lock() {
  const runtime_call call;
  if (call.on() == nullptr) return;
  goroutine* const g = call.self();
  ++g->lock_depth;
  g->slow_switch = true;
  call.on()->locked_g = g;
}

os_thread_lock::~os_thread_lock() {
  const runtime_call call;
  if (call.on() == nullptr) return;
  goroutine* const g = call.self();
  // Unwinding out of a goroutine that ends while tied takes the thread with it all the same: goexit and a return
  // both run this destructor, so a scope that is still open at the end is the only way to end tied.
  if (--g->lock_depth != 0) return;
  g->slow_switch = false;
  call.on()->locked_g = nullptr;
}

namespace detail {

void heavy_barrier() noexcept { asymmetric_barrier::heavy(); }

blocking_section::blocking_section() {
  machine* const m = this_machine();
  if (m == nullptr) return;
  machine* const now = enter_runtime(m);
  now->g->state.store(status::blocking, std::memory_order_relaxed);
  give_up_processor(now);
  leave_runtime(now);
}

blocking_section::~blocking_section() {
  machine* const m = this_machine();
  if (m == nullptr) return;
  machine* const now = enter_runtime(m);
  now->g->state.store(status::running, std::memory_order_relaxed);
  leave_runtime(now);
}

}  // namespace detail
}  // namespace goro
