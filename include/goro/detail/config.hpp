// SPDX-License-Identifier: BSL-1.0
#pragma once

#if defined(__SANITIZE_ADDRESS__)
#define GORO_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GORO_ASAN 1
#endif
#endif

#if defined(__SANITIZE_THREAD__)
#define GORO_TSAN 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define GORO_TSAN 1
#endif
#endif

#ifndef GORO_ASAN
#define GORO_ASAN 0
#endif
#ifndef GORO_TSAN
#define GORO_TSAN 0
#endif

// Switching stacks has to be told to a sanitizer by a library that is compiled with it. Where that is not so, the
// program gets an undefined reference with these words, not false reports at run time.
namespace goro::detail {
#if GORO_ASAN
extern const char this_program_uses_address_sanitizer_but_the_goro_library_does_not;
[[gnu::used]] inline const char* const asan_library =
    &this_program_uses_address_sanitizer_but_the_goro_library_does_not;
#endif
#if GORO_TSAN
extern const char this_program_uses_thread_sanitizer_but_the_goro_library_does_not;
[[gnu::used]] inline const char* const tsan_library = &this_program_uses_thread_sanitizer_but_the_goro_library_does_not;
#endif
}  // namespace goro::detail
