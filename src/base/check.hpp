// SPDX-License-Identifier: BSL-1.0
// Checks that stay in release builds. A broken one is fatal: it names the invariant, the place, and the values.
#pragma once

#include <cstdint>

#include <goro/panic.hpp>

namespace goro::runtime {

[[noreturn, gnu::cold]] void check_failed(const char* condition, const char* sentence, const char* file, int line,
                                          std::uint64_t a = 0, std::uint64_t b = 0) noexcept;

}  // namespace goro::runtime

/// GORO_CHECK(condition, "Q2: the ring never holds more than its capacity"[, value[, value]])
#define GORO_CHECK(condition, ...)             \
  (__builtin_expect(!!(condition), 1) ? void() \
                                      : ::goro::runtime::check_failed(#condition, GORO_CHECK_ARGS(__VA_ARGS__)))
#define GORO_CHECK_ARGS(sentence, ...) sentence, __FILE__, __LINE__ __VA_OPT__(, ) __VA_ARGS__
