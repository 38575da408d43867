// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include "os/clock.hpp"

namespace goro::runtime {

/// Tells the CPU that this is a spin loop.
inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

/// How long a pause() takes differs tenfold from CPU to CPU.
inline void pause_for(std::int64_t ns) noexcept {
  const std::int64_t until = now_ns() + ns;
  do {
    for (int i = 0; i < 8; ++i) pause();
  } while (now_ns() < until);
}

}  // namespace goro::runtime
