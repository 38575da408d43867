// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "base/output.hpp"
#include "sched/goroutine.hpp"
#include "sched/stacks.hpp"

namespace goro::runtime {

/// "goroutine N [reason]:", its stack, "created by …".
void print_goroutine(output& out, goroutine* g);
/// Every user goroutine, separated by blank lines, the main one first. Nobody may run meanwhile.
void print_all_goroutines(output& out, const goroutine* except = nullptr);

[[noreturn]] void dump_and_exit();    // SIGQUIT
[[noreturn]] void report_deadlock();
void report_leftovers();

/// Ends the process with status 2: what is buffered in stdio is written, no destructor runs.
[[noreturn]] void exit_with_2() noexcept;

}  // namespace goro::runtime
