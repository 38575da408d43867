// SPDX-License-Identifier: BSL-1.0
// From one stack to another, and what sanitizers have to be told about it.
#pragma once

#include <utility>

#include "arch/context.hpp"
#include "arch/sanitizer.hpp"
#include "sched/machine.hpp"

namespace goro::runtime {

/// A stack that does not run, or is about to stop.
struct stopped_stack {
  void*& sp;
  sanitizer_fiber& fiber;
};

/// What a switch calls where it arrives if a sanitizer has to hear of that first.
inline machine* arrive(machine* m, void*) {
  after_switch(m->g != nullptr ? m->g->fiber : m->fiber);
  synchronizes_acquire(&m->fiber);
  return m->after(m, m->after_argument);
}

/// Goes on on the stack `to`, with the action, and here when `from` runs again, on the machine that is returned. m->g is
/// the goroutine of `to` already. `ends`: `from` never runs again.
[[gnu::always_inline]] inline machine* switch_stacks(machine* m, stopped_stack from, stopped_stack to, bool ends,
                                                     after_switch_action action, void* argument) {
  if constexpr (sanitizer_follows_switches) {
    m->after = std::exchange(action, arrive);
    m->after_argument = argument;
    before_switch(from.fiber, to.fiber, ends);
  }
  return goro_switch(&from.sp, to.sp, m, argument, action);
}

}  // namespace goro::runtime
