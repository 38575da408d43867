// SPDX-License-Identifier: BSL-1.0
// How a process dies: panics and fatal errors.
#pragma once

#include "sched/goroutine.hpp"
#include "sched/stacks.hpp"

namespace goro::runtime {

/// What goexit() throws: no std::exception. Destroyed before the goroutine has ended means swallowed.
struct goexit_signal {
  goexit_signal() = default;
  goexit_signal(const goexit_signal&) = delete;
  goexit_signal& operator=(const goexit_signal&) = delete;
  ~goexit_signal();
};

[[noreturn]] void die_of_swallowed_goexit(goroutine* g) noexcept;
[[noreturn]] void die_without_stack(goroutine* g, stack_failure why) noexcept;
/// From the signal handler: hands over to the monitor, which reports it from a stack with room.
[[noreturn]] void die_of_stack_overflow(goroutine* g, const stack_bounds& bounds) noexcept;
[[noreturn]] void report_stack_overflow() noexcept;

/// std::terminate on a goroutine, or because of a goro::panic elsewhere, reads like a panic.
void install_terminate_handler() noexcept;

}  // namespace goro::runtime
