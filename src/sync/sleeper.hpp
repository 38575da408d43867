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

inline void unlock_spin_lock(void* lock) { static_cast<spin_lock*>(lock)->unlock_after_switch(); }

}  // namespace goro::detail
