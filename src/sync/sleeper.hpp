// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <goro/detail/spin_lock.hpp>

#include "sched/scheduler.hpp"

namespace goro::detail {

/// One party asleep in a lock or group. Lives on its stack.
struct sleeper {
  goroutine* g = nullptr;
  sleeper* next = nullptr;
};

/// Whether one of a list may still go on: what an ended run() left over never does.
inline bool anybody_left(const sleeper* s) noexcept {
  while (s != nullptr && runtime::is_left_over(s->g)) s = s->next;
  return s != nullptr;
}

/// Fatal, but for a static object whose time has come: nobody has to go on when the process exits.
void destroyed_in_use(const char* text) noexcept;

/// Whoever calls, goroutine or thread, as something that can wait and be woken.
inline goroutine* self() {
  const runtime::runtime_call call;
  return call.self();
}

inline runtime::machine* unlock_spin_lock(runtime::machine* m, void* lock) {
  static_cast<spin_lock*>(lock)->unlock_after_switch();
  return m;
}

}  // namespace goro::detail
