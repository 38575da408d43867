// SPDX-License-Identifier: BSL-1.0
// The one thread-local of the scheduler. A compiler takes a thread-local's address for a constant of the function,
// also across a switch after which the function goes on on another thread; so nothing outside this file sees it,
// and the accessors are opaque: noinline, and not to be seen through by link-time optimisation (the asm).
#include <sched.h>

#include <goro/detail/place.hpp>

#include "os/barrier.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {
// Atomic, because ThreadSanitizer takes the goroutines that read it for threads other than the one that wrote it. The
// model: also in a shared library it is one load, where the default would be a call for every channel operation.
[[gnu::tls_model("initial-exec")]] thread_local std::atomic<machine*> current{nullptr};
}  // namespace

machine* this_machine() noexcept {
  asm volatile("");
  return current.load(std::memory_order_relaxed);
}

[[gnu::noinline]] void set_this_machine(machine* m) noexcept {
  asm volatile("");
  current.store(m, std::memory_order_relaxed);
}

}  // namespace goro::runtime

namespace goro::detail {

[[gnu::noinline]] place this_place() noexcept {
  asm volatile("");
  const runtime::machine* const m = runtime::current.load(std::memory_order_relaxed);
  if (m == nullptr) [[unlikely]]
    return {static_cast<std::size_t>(::sched_getcpu()), false};
  return {m->index, runtime::asymmetric_barrier::is_cheap()};
}

namespace {
/// Apart: the frequent way needs no frame then.
[[gnu::noinline, gnu::cold]] case_pins& pins_of_thread() noexcept { return runtime::this_thread_proxy()->pins; }
}  // namespace

[[gnu::noinline]] case_pins& current_pins() noexcept {
  asm volatile("");
  const runtime::machine* const m = runtime::current.load(std::memory_order_relaxed);
  if (m == nullptr || m->g == nullptr) [[unlikely]]
    return pins_of_thread();
  return m->g->pins;
}

}  // namespace goro::detail
