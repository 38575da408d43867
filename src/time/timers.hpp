// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>

#include "sched/scheduler.hpp"
#include "time/timer_heap.hpp"

namespace goro::runtime {

/// d from now, saturating: too long is never, past is at once.
[[nodiscard]] std::int64_t due_after(std::chrono::nanoseconds d) noexcept;
/// Arms t, which is not armed, in the caller's heap.
void start_timer(const runtime_call& call, timer& t, std::int64_t when);

/// A goroutine that will call run(argument), to be put among the woken by a timer that fires.
[[nodiscard]] goroutine* new_call(void (*run)(void* argument), void* argument);

}  // namespace goro::runtime
