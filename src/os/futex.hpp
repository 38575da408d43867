// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>

namespace goro::runtime {

/// Sleeps while word == expected, until a wake or, if deadline (nanoseconds of now_ns()) is not never, until then.
/// May return for no reason.
void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected, std::int64_t deadline) noexcept;
/// The word may be gone already: only its address is used.
void futex_wake(const std::atomic<std::uint32_t>& word, int how_many) noexcept;

}  // namespace goro::runtime
