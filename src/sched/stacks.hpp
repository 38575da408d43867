// SPDX-License-Identifier: BSL-1.0
// Goroutine stacks.
//
// A stack is a slot of a large mapping (an arena): a guard at the low end, the rest committed as it is touched, its
// record at the high end. Slots are handed out newest used first, so that a burst of short goroutines stays in the
// cache: first from the processor's own cache, then warm ones from the depot, then cold ones, then fresh ones. Cache
// and depot exchange batches, so that a burst which the cache cannot hold takes the depot's lock seldom, and a batch goes
// as one: the lock is not held while record after record is fetched from memory. What
// lay in the depot unneeded since the last look becomes cold: the pages go back to the kernel, the record with them,
// and all that is left is a bit in the arena. Neighbours go in one call, which is several times as fast.
//
//   K1  Every stack has its guard before it is used; where none can be had, no stack is made. A guard stays when the
//       pages around it go.
//   K2  A slot is in exactly one place: a goroutine, a processor's cache, the depot, the monitor's batch of those that
//       become cold, cold, or never used.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/stock.hpp"

namespace goro::runtime {

inline constexpr std::size_t default_stack_slot = 256 * 1024;  // guard included
inline constexpr std::size_t stack_guard = 16 * 1024;
inline constexpr std::size_t default_stack_size = default_stack_slot - stack_guard;
inline constexpr std::size_t minimum_stack_size = 16 * 1024;
inline constexpr std::size_t maximum_stack_size = std::size_t{1} << 30;

struct stack_arena;

/// Lies above the stack that it describes.
struct stack {
  std::byte* bottom = nullptr;  // the lowest address that may be used; the guard lies below
  std::byte* top = nullptr;
  stack* next = nullptr;
  stack* next_batch = nullptr;  // of the first one of a batch
  std::uint32_t batch_size = 0;  // likewise
  std::uint8_t size_class = 0;
  stack_arena* arena = nullptr;
};

/// From bottom to the end of the slot: whole pages.
[[nodiscard]] std::size_t stack_extent(const stack& s) noexcept;

/// A processor's own; only default-sized ones.
struct stack_cache {
  stack* first = nullptr;
  std::uint32_t size = 0;
};

enum class stack_failure { none, out_of_memory, guard_limit, sanitizer_limit };

/// `size` is what the goroutine may use; 0 is the default. Null with `why` set if there is none to be had.
[[nodiscard]] stack* acquire_stack(stack_cache& cache, std::size_t size, stack_failure& why) noexcept;
void release_stack(stack_cache* cache, stack* s) noexcept;

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
