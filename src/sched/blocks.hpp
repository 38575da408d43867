// SPDX-License-Identifier: BSL-1.0
// The control blocks of goroutines: slabs.hpp. A free one is an object all the same, just as its constructor makes it of
// zeros (B3), for a dump or the monitor looks at all of them at any time. Nobody but its owner, and who claimed its
// owner, writes to a block; of the others only the monitor does, which is the one that gives pages back.
// Tested by: unit/burst_memory, stress/memory_stress.
#pragma once

#include "sched/goroutine.hpp"
#include "sched/slabs.hpp"

namespace goro::runtime {

template <>
struct free_links<goroutine> {
  static goroutine*& next(goroutine* g) noexcept { return g->next; }
  static goroutine*& ahead(goroutine* g) noexcept { return g->waits.free.ahead; }
  static auto& batch(goroutine* g) noexcept { return g->waits.free.batch; }
};

extern template class slab_store<goroutine>;
extern slab_store<goroutine> control_blocks;

/// All that are not free, of the present run().
void for_each_goroutine(void (*f)(goroutine*, void*), void* argument);

}  // namespace goro::runtime
