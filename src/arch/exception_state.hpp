// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cxxabi.h>

namespace goro::runtime {

/// The exceptions in flight: the C++ library keeps them per thread, here they move with the goroutine. The layout
/// is the Itanium C++ ABI's __cxa_eh_globals, the same in libstdc++ and libc++abi.
struct exception_state {
  void* caught = nullptr;
  unsigned int uncaught = 0;
};

/// Where the C++ library keeps this thread's. Asked once a thread: the function is declared const, so compilers
/// keep its result across a switch.
[[gnu::noinline]] exception_state* thread_exception_state() noexcept;

}  // namespace goro::runtime
