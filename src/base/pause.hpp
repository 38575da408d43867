// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace goro::runtime {

/// Tells the CPU that this is a spin loop.
inline void pause() noexcept {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

}  // namespace goro::runtime
