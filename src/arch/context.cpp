// SPDX-License-Identifier: BSL-1.0
#include "arch/context.hpp"

#include <cstdint>
#include <cstring>

namespace goro::runtime {

namespace {
#if defined(__x86_64__)
constexpr std::size_t saved_words = 7;        // r15 r14 r13 r12 rbx rbp, return address
constexpr std::size_t return_address = 6;
#elif defined(__aarch64__)
constexpr std::size_t saved_words = 20;       // x19..x28, x29, x30, d8..d15
constexpr std::size_t return_address = 11;
#else
#error "goro runs on x86-64 and aarch64"
#endif
}  // namespace

void* prepare_stack(void* top) noexcept {
  // Two words stay free so that the entry frame has a canonical frame address inside the stack.
  auto* const words = static_cast<std::uintptr_t*>(top) - 2 - saved_words;
  std::memset(words, 0, saved_words * sizeof *words);
  words[return_address] = reinterpret_cast<std::uintptr_t>(&goro_entry);
  return words;
}

}  // namespace goro::runtime
