// SPDX-License-Identifier: BSL-1.0
// What a program under a sanitizer refers to, so that it links only with a library built for the same one.
#include <goro/detail/config.hpp>

namespace goro::detail {
#if GORO_ASAN
extern const char this_program_uses_address_sanitizer_but_the_goro_library_does_not = 0;
#endif
#if GORO_TSAN
extern const char this_program_uses_thread_sanitizer_but_the_goro_library_does_not = 0;
#endif
}  // namespace goro::detail
