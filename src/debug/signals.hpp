// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

#include "debug/trace.hpp"

namespace goro::runtime {

/// SIGSEGV and SIGBUS, to tell a stack overflow from other faults, and SIGQUIT, to dump, unless the program handles it.
void install_signal_handlers() noexcept;

/// A machine's, so that a goroutine that overflowed its stack can still be diagnosed.
class alternate_signal_stack {
 public:
  alternate_signal_stack() noexcept;
  ~alternate_signal_stack();
  alternate_signal_stack(const alternate_signal_stack&) = delete;
  alternate_signal_stack& operator=(const alternate_signal_stack&) = delete;

 private:
  void* memory_ = nullptr;
};

/// The stack of what a thread runs right now, asked for by a signal. False: it did not answer within 100 ms.
bool capture_running(int thread_id, call_stack& into) noexcept;

}  // namespace goro::runtime
