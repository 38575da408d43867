// SPDX-License-Identifier: BSL-1.0
// Switching stacks, one .S file an architecture.
//
// A stack that is not running is its stack pointer; below it (at higher addresses) lie the registers that the ABI
// lets a function rely on across a call, then the address to go on at. The floating-point control words are not
// among them: like a signal mask they belong to the thread (docs/decisions/0002).
#pragma once

#include <cstddef>

namespace goro::runtime {

/// What a new stack runs first. `passed` comes from the switch that started it. Never returns.
using entry_function = void (*)(void* passed);

extern "C" {

/// Stores the running stack's pointer in *save, goes on on `to`, and hands `passed` over: the return value, there.
void* goro_switch(void** save, void* to, void* passed) noexcept;

/// Runs f(argument) here, in a frame whose caller, for an unwinder, is the place where the stack `sp` stopped.
void goro_call_below(void* sp, void (*f)(void*), void* argument);

/// The first frame of every goroutine. Unwinding ends here; goro_entry_personality() sees exceptions that come by.
void goro_entry();
void goro_entry_landing();
}

/// Writes what goro_switch() expects at the top of a fresh stack and returns its stack pointer.
[[nodiscard]] void* prepare_stack(void* top) noexcept;

}  // namespace goro::runtime
