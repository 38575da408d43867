// SPDX-License-Identifier: BSL-1.0
// Where control blocks come from, and where they go between two goroutines.
//
// A processor has some at hand; those that it cannot use lie in slabs of 64 KiB, each with a list of its own free
// blocks, so that a slab is known to be free as a whole. Blocks are taken from slabs that are in use already before
// others, and what has been free as a whole for a while goes back to the kernel:
//
//   in use  <-->  warm: no block is out  --(unneeded since the last look)-->  cold: its pages are the kernel's
//     ^                                                                         |
//     +-------------------------------------------------------------------------+
//
//   B1  A block is with a goroutine, in a processor's list, in its slab's, or has not been begun since its slab was
//       cold.
//   B2  Only a slab of which no block is out loses its pages, and nobody takes one from it meanwhile: it is in no
//       list.
//   B3  A block of zeros is a free one, just as its constructor makes it. So a cold slab needs no construction, and a
//       dump or the monitor may look at any block at any time: what it sees is a free one, whether its page is gone
//       or not. Nobody but its owner, and who claimed its owner, writes to a block; of the others only the monitor
//       does, which is the one that gives pages back.
//
// The slabs' own records lie at the front of the mapping that they are carved from, which is aligned to its size: a
// block knows its slab by its address, and a free slab costs 32 bytes.
// Tested by: unit/burst_memory, stress/spawn_stress.
#pragma once

#include "sched/goroutine.hpp"
#include "sched/stock.hpp"

namespace goro::runtime {

/// Moves n blocks to the end of the list. Throws std::bad_alloc if there is none to be had.
void take_blocks(goroutine_list& into, std::size_t n);
/// Moves all but `keep` of the list into their slabs.
void give_blocks(goroutine_list& from, std::size_t keep);

/// Gives slabs that nobody needs back to the kernel, some at a time. `look`: those that have not been needed since
/// the last look are from now on. The monitor's.
remainder trim_blocks(bool look) noexcept;

/// All that are not free, of the present run().
void for_each_goroutine(void (*f)(goroutine*, void*), void* argument);

}  // namespace goro::runtime
