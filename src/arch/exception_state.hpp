// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cxxabi.h>

#include <cstdint>

namespace goro::runtime {

/// The exceptions in flight: the C++ library keeps them per thread, here they move with the goroutine. The layout
/// is the Itanium C++ ABI's __cxa_eh_globals, the same in libstdc++ and libc++abi.
struct exception_state {
  void* caught = nullptr;
  unsigned int uncaught = 0;

  /// Zero if there is none. One test of two of these takes fewer branches than four tests.
  [[nodiscard]] std::uintptr_t bits() const noexcept { return reinterpret_cast<std::uintptr_t>(caught) | uncaught; }
};

/// At a switch. What is saved of those who do not run is nothing, nearly always, and of the one who runs always.
inline void swap_exceptions(exception_state& current, exception_state& of_leaving,
                            exception_state& of_arriving) noexcept {
  if ((current.bits() | of_arriving.bits()) == 0) [[likely]]
    return;
  of_leaving = current;
  current = of_arriving;
  of_arriving = {};
}

/// Where the C++ library keeps this thread's. Asked once a thread: the function is declared const, so compilers
/// keep its result across a switch.
[[gnu::noinline]] exception_state* thread_exception_state() noexcept;

}  // namespace goro::runtime
