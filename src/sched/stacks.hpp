// SPDX-License-Identifier: BSL-1.0
// Goroutine stacks.
//
// A stack is a slot of a large mapping (an arena): a guard at the low end, the rest committed as it is touched, its
// record at the high end. A slot is an odd number of pages: were the distance between the tops a power of two, all of
// them would share a few sets of the translation buffer, and their page-table entries a few of the cache. Slots are handed out newest used first, so that a burst of short goroutines stays in the
// cache: first from the processor's own cache, then warm ones from the depot, then those of arenas, then fresh ones.
// Cache and depot exchange batches, so that a burst which the cache cannot hold takes the depot's lock seldom. A cache
// is an array, and a batch in the depot is one too, in the memory of one of its stacks: nobody waits for stack after
// stack to come from memory, least of all under the lock.
//
// What lay in the depot unneeded since the last look goes back to its arena, the record with it, and all that is left
// is a bit. When no more come, arenas are cleaned: the pages go back to the kernel, those of neighbours in one call,
// since each call makes every CPU of the process forget its translations.
//
//   K1  Every stack has its guard before it is used; where none can be had, no stack is made. A guard stays when the
//       pages around it go.
//   K2  A slot is in exactly one place: a goroutine, a processor's cache, the depot, the monitor's batch on its way to
//       the arenas, its arena, or never used.
//   K3  An arena that is being cleaned is in no list: nobody takes a slot of it, and only the monitor gives one back.
//
// Tested by: unit/burst_memory, stress/memory_stress.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/stock.hpp"

namespace goro::runtime {

inline constexpr std::size_t minimum_stack_size = 16 * 1024;
inline constexpr std::size_t default_stack_size = 256 * 1024;
inline constexpr std::size_t maximum_stack_size = std::size_t{1} << 30;

struct stack_arena;

/// Lies above the stack that it describes.
struct stack {
  /// Not a field: a stack that is begun or ends comes from memory, and its record need not.
  [[nodiscard]] std::byte* top() noexcept { return reinterpret_cast<std::byte*>(this); }
  [[nodiscard]] const std::byte* top() const noexcept { return reinterpret_cast<const std::byte*>(this); }

  std::byte* bottom = nullptr;  // the lowest address that may be used; the guard lies below
  stack* next_batch = nullptr;  // in the depot, of the one that holds a batch
  std::uint32_t batch_size = 0;  // likewise; itself included
  std::uint8_t size_class = 0;
  stack_arena* arena = nullptr;
};

/// From bottom to the end of the slot: whole pages.
[[nodiscard]] std::size_t stack_extent(const stack& s) noexcept;

/// A processor's own; only default-sized ones.
struct stack_cache {
  static constexpr std::uint32_t limit = 256;
  stack* items[limit];  // newest last
  std::uint32_t size = 0;
};

enum class stack_failure { none, out_of_memory, guard_limit, sanitizer_limit };

/// `size` is what the goroutine may use; 0 is the default. Null with `why` set if there is none to be had.
[[nodiscard]] stack* acquire_stack(stack_cache& cache, std::size_t size, stack_failure& why) noexcept;
/// `size` as it was acquired with.
void release_stack(stack_cache* cache, stack* s, std::size_t size) noexcept;

/// Gives stacks that nobody needs back to the kernel, some at a time. `look`: those that have not been needed since the
/// last look are from now on. The monitor's.
remainder trim_stacks(bool look) noexcept;
/// Moves a processor's cache to the depot.
void flush_stack_cache(stack_cache& cache) noexcept;

/// For the fault handler: the guard that `address` lies in belongs to which stack?
struct stack_bounds {
  const std::byte* bottom = nullptr;
  const std::byte* top = nullptr;
};
[[nodiscard]] bool find_guard(const void* address, stack_bounds& found) noexcept;

}  // namespace goro::runtime
