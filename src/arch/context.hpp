// SPDX-License-Identifier: BSL-1.0
// Switching stacks, one .S file an architecture.
//
// A stack that is not running is its stack pointer; below it (at higher addresses) lie the registers that the ABI
// lets a function rely on across a call, then the address to go on at. The floating-point control words are not
// among them: like a signal mask they belong to the thread (docs/decisions/0002).
#pragma once

#include <cstddef>

namespace goro::runtime {

struct machine;

/// Runs on the stack that a switch arrives on, when the one it left is out of use. m is the machine, which it returns;
/// null on a plain thread.
using after_switch_action = machine* (*)(machine* m, void* argument);
using switch_function = machine* (*)(machine* m, after_switch_action action, void* argument);

extern "C" {

/// Stores the running stack's pointer in *save and goes on on `to`: returns there what action(m, argument) returns, which
/// it calls there.
machine* goro_switch(void** save, void* to, machine* m, void* argument, after_switch_action action) noexcept;

/// Calls by(m, action, argument), which switches away from the caller. When the caller runs again, on the machine that by()
/// returns then: returns then(machine). Who waits here tells machine::returns_to.
machine* goro_wait(machine* m, after_switch_action action, void* argument, machine* (*then)(machine* m),
                   switch_function by);
bool goro_wait_for_bool(machine* m, after_switch_action action, void* argument, bool (*then)(machine* m),
                        switch_function by) asm("goro_wait");

/// Runs f(argument) here, in a frame whose caller, for an unwinder, is the place where the stack `sp` stopped.
void goro_call_below(void* sp, void (*f)(void*), void* argument);

/// The first frame of every goroutine. Unwinding ends here; goro_entry_personality() sees exceptions that come by.
void goro_entry();
void goro_entry_landing();
}

/// Writes what goro_switch() expects at the top of a fresh stack and returns its stack pointer.
[[nodiscard]] void* prepare_stack(void* top) noexcept;

}  // namespace goro::runtime
