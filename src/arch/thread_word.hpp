// SPDX-License-Identifier: BSL-1.0
// One word for each thread: the scheduler's only thread-local.
//
// A compiler takes a thread-local's address for a constant of the function, also across a switch after which the function
// goes on on another thread. So no compiler gets to know that this is one: it is defined and accessed in assembly, anew
// each time (docs/decisions/0008). "memory" keeps the access on its side of a call, which may be a switch.
#pragma once

namespace goro::runtime {

#if defined(__x86_64__)

[[gnu::always_inline]] inline void* thread_word() noexcept {
  void* word = nullptr;
  asm volatile(
      "movq goro_thread_word@gottpoff(%%rip), %0\n\t"
      "movq %%fs:(%0), %0"
      : "=r"(word)
      :
      : "memory");
  return word;
}

inline void set_thread_word(void* word) noexcept {
  void* offset = nullptr;
  asm volatile(
      "movq goro_thread_word@gottpoff(%%rip), %0\n\t"
      "movq %1, %%fs:(%0)"
      : "=&r"(offset)
      : "r"(word)
      : "memory");
}

#elif defined(__aarch64__)

[[gnu::always_inline]] inline void* thread_word() noexcept {
  void* word = nullptr;
  void* thread = nullptr;
  asm volatile(
      "mrs %1, tpidr_el0\n\t"
      "adrp %0, :gottprel:goro_thread_word\n\t"
      "ldr %0, [%0, :gottprel_lo12:goro_thread_word]\n\t"
      "ldr %0, [%1, %0]"
      : "=&r"(word), "=&r"(thread)
      :
      : "memory");
  return word;
}

inline void set_thread_word(void* word) noexcept {
  void* offset = nullptr;
  void* thread = nullptr;
  asm volatile(
      "mrs %1, tpidr_el0\n\t"
      "adrp %0, :gottprel:goro_thread_word\n\t"
      "ldr %0, [%0, :gottprel_lo12:goro_thread_word]\n\t"
      "str %2, [%1, %0]"
      : "=&r"(offset), "=&r"(thread)
      : "r"(word)
      : "memory");
}

#endif

}  // namespace goro::runtime
