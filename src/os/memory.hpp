// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

namespace goro::runtime {

inline constexpr std::size_t page_size = 4096;

/// Reserves address space that is committed as it is touched, aligned to `align`. Null if there is none.
[[nodiscard]] void* reserve(std::size_t size, std::size_t align) noexcept;

/// Undoes reserve(), of all that it returned.
void release(void* at, std::size_t size) noexcept;

struct guards_result {
  std::size_t installed = 0;  // the first so many
  bool limit = false;         // why not all: vm.max_map_count; else memory
};
/// Makes [at, at + size) fault, and the same at each `distance` from there, `n` in all. Costs no mapping where the kernel
/// has light guards (Linux 6.13); elsewhere each guard splits a mapping, and it stops before vm.max_map_count would be
/// reached.
[[nodiscard]] guards_result install_guards(std::byte* at, std::size_t size, std::size_t distance,
                                           std::size_t n) noexcept;

/// Gives the pages back to the kernel; they read as zero afterwards.
void decommit(void* at, std::size_t size) noexcept;

/// vm.max_map_count.
[[nodiscard]] std::size_t mapping_limit() noexcept;

}  // namespace goro::runtime
