// SPDX-License-Identifier: BSL-1.0
// The calls that after_func() has promised, and where their memory comes from: slabs.hpp. Most are timeouts, made and
// stopped by the million.
#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

#include <goro/detail/owned.hpp>
#include <goro/detail/spin_lock.hpp>

#include "sched/slabs.hpp"
#include "time/timer.hpp"

namespace goro::detail {

/// A pending call. One reference is the handle's, one the heap's while it is armed, one each call's that runs.
struct func_timer : runtime::timer {
  explicit func_timer(owned_function function) noexcept : runtime::timer(fire_it), f(std::move(function)) {}
  owned_function f;
  std::atomic<int> references{2};
  spin_lock lock;  // held by a reset while the timer is in no heap

  static void fire_it(runtime::timer* t, std::int64_t, runtime::goroutine_list& woken);
};

}  // namespace goro::detail

namespace goro::runtime {

extern template class slab_store<detail::func_timer>;
extern slab_store<detail::func_timer> pending_calls;

}  // namespace goro::runtime
