// SPDX-License-Identifier: BSL-1.0
// What stands for a plain thread that blocks in one of our operations: a control block without a stack, so that
// channels and locks know one kind of waiter. It is never freed, only used again: a waker may still hold its address
// for the futex call after the thread has gone on.

#include <unistd.h>

#include "base/check.hpp"
#include "os/futex.hpp"
#include "os/thread.hpp"
#include "sched/locals.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

constexpr std::uint32_t asleep = 0;
constexpr std::uint32_t woken = 1;

struct proxy_owner {
  goroutine* g = nullptr;
  ~proxy_owner() {
    if (g == nullptr) return;
    destroy_locals(g);
    const global_guard hold(sched.lock);
    g->state.store(status::free, std::memory_order_relaxed);
    sched.free_proxies.push_back(g);
    g = nullptr;
  }
};

thread_local proxy_owner own;

}  // namespace

[[gnu::noinline]] goroutine* this_thread_proxy() {
  asm volatile("");
  if (own.g != nullptr) return own.g;
  enter_runtime_annotation();
  goroutine* g = nullptr;
  {
    const global_guard hold(sched.lock);
    g = sched.free_proxies.pop_front();
  }
  if (g == nullptr) {
    g = new goroutine;
    g->is_thread = true;
    const global_guard hold(sched.lock);
    g->locals = nullptr;
    sched.proxies[sched.proxy_count < max_proxies ? sched.proxy_count++ : max_proxies - 1] = g;
  }
  // The thread that main() runs on is Go's main goroutine as long as run() has not made one.
  g->thread_id = this_thread_id();
  g->id = g->thread_id == ::getpid() ? 1 : sched.last_id.fetch_add(1) + 1;
  g->state.store(status::running, std::memory_order_relaxed);
  own.g = g;
  leave_runtime_annotation();
  return g;
}

void for_each_proxy(void (*f)(goroutine*, void*), void* argument) {
  for (const auto& slot : sched.proxies) {
    goroutine* const g = slot.load(std::memory_order_acquire);
    if (g == nullptr) return;
    f(g, argument);
  }
}

random_source& runtime_call::thread_random() noexcept {
  thread_local random_source source(static_cast<std::uint64_t>(now_ns()) ^
                                    (static_cast<std::uint64_t>(this_thread_id()) << 32));
  return source;
}

void park_thread(goroutine* g, after_switch_action action, void* argument, wait_reason reason, const void* object) {
  g->reason.store(reason, std::memory_order_relaxed);
  g->wait_object = object;
  g->waiting_since.store(0, std::memory_order_relaxed);
  g->thread_wake.store(asleep, std::memory_order_relaxed);
  g->state.store(status::waiting, std::memory_order_relaxed);
  action(nullptr, argument);
  // Not before: it may arm the timer that ends this wait. Whoever wakes the thread first takes it off the count before
  // it is on it, which hides a deadlock for that moment, and reports none.
  sched.blocked_threads.fetch_add(1);
  asymmetric_barrier::heavy();
  suspect_deadlock();
  while (g->thread_wake.load(std::memory_order_acquire) == asleep) futex_wait(g->thread_wake, asleep, never);
  g->state.store(status::running, std::memory_order_relaxed);
  synchronizes_acquire(g);
}

void wake_thread(goroutine* g) {
  sched.stirrings.fetch_add(1);
  sched.blocked_threads.fetch_sub(1);
  synchronizes_release(g);
  g->thread_wake.store(woken, std::memory_order_release);
  futex_wake(g->thread_wake, 1);
}

}  // namespace goro::runtime
