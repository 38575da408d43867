// SPDX-License-Identifier: BSL-1.0
// Call stacks: taking one, and printing it the way Go does.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/output.hpp"
#include "sched/goroutine.hpp"

namespace goro::runtime {

/// Return addresses, innermost first. Taken without allocation.
struct call_stack {
  static constexpr std::size_t max_frames = 64;
  std::size_t size = 0;
  void* pcs[max_frames];
};

/// Of the caller. With a signal in between, what it interrupted.
void capture_here(call_stack& into) noexcept;
/// Of a goroutine that does not run and cannot be made to meanwhile.
void capture_parked(const goroutine* g, call_stack& into) noexcept;

/// One line of a trace and its place.
struct frame {
  std::string function;
  std::string place;  // "file:line", or the module and offset if there is no line table
};
/// The frames of the user's code: goro's own at the inner end are left out, as Go leaves out its runtime's.
std::vector<frame> symbolize(const call_stack& stack);
frame symbolize_call(const void* return_address);

void print(output& out, const call_stack& stack) noexcept;
/// "created by F in goroutine N" and its place.
void print_creator(output& out, const goroutine* g) noexcept;

/// The symboliser that was built in: appends the frames at pc, innermost inlined call first. False: it knows nothing.
bool lookup(const void* pc, std::vector<frame>& into);

std::string demangle(const char* name);
/// goro's own, the standard library's or the unwinder's.
bool is_internal_source(std::string_view file);

}  // namespace goro::runtime
