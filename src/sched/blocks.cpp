// SPDX-License-Identifier: BSL-1.0
#include "sched/blocks.hpp"

#include "sched/scheduler.hpp"

namespace goro::runtime {

template class slab_store<goroutine>;
constinit slab_store<goroutine> control_blocks;

void for_each_goroutine(void (*f)(goroutine*, void*), void* argument) {
  control_blocks.for_each_begun([=](std::span<goroutine> blocks) {
    for (goroutine& g : blocks)
      if (g.state.load(std::memory_order_acquire) != status::free && g.era == sched.era.load()) f(&g, argument);
  });
}

}  // namespace goro::runtime
