// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

// The cache lines that an operation cannot do without, in memory that belongs to one goroutine, channel or timer.
struct footprint {
  int stack_lines = 0;  // at the top of a goroutine's stack: a page of its own
  int block_lines = 0;  // of the goroutine's control block
  int heap_lines = 0;   // of a channel, a timer, …
  int times = 1;        // that all of this is gone through
  friend bool operator==(const footprint&, const footprint&) = default;
};

// With the least that there is of each, so that more than this is not the memory's alone to explain.
inline constexpr footprint nothing_else{};  // the same memory every time
inline constexpr footprint an_object{.heap_lines = 3};
inline constexpr footprint a_goroutine{.stack_lines = 5, .block_lines = 3};
inline constexpr footprint a_goroutine_twice{.stack_lines = 5, .block_lines = 3, .times = 2};  // woken, and run later
inline constexpr footprint a_goroutine_and_more{.stack_lines = 5, .block_lines = 3, .heap_lines = 2};

// How long it takes to go through that memory and nothing else: nanoseconds for one of n that are visited in turn. Every
// line is written. Where a goroutine's other parts lie, and the next goroutine, stands in its control block; but for that
// no access waits for another. Asked once for each kind and number.
double memory_walk(std::int64_t n, footprint each);
