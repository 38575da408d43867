// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include <time.h>

namespace goro::runtime {

inline constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
inline constexpr std::int64_t microsecond = 1'000;
inline constexpr std::int64_t millisecond = 1'000'000;
inline constexpr std::int64_t second = 1'000'000'000;

/// The monotonic clock in nanoseconds.
inline std::int64_t now_ns() noexcept {
  timespec t;
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * second + t.tv_nsec;
}

/// Less than half of what a look at the clock costs. May be read some hundred instructions early.
inline std::uint64_t ticks() noexcept {
#if defined(__x86_64__)
  return __builtin_ia32_rdtsc();
#else
  return 0;  // they tell no time
#endif
}

/// Whether the kernel tells the time by ticks(): they go on at one rate, and are the same on all CPUs.
[[nodiscard]] bool ticks_tell_time() noexcept;

/// A clock that is looked at once in a while; between two looks ticks are added.
class due_clock {
 public:
  /// For what is armed soon after something else: never earlier than the clock, up to a microsecond later, and never the
  /// same twice.
  [[nodiscard]] std::int64_t now() noexcept {
    const std::uint64_t at = ticks();
    const std::uint64_t since = at - seen_at_;
    if (since >= soon_) [[unlikely]]
      return look(at);
    return last_ = std::max(last_ + 1, at_most(since));
  }

  /// Whether `when` is still to come; false also if only the clock can tell.
  [[nodiscard]] bool is_before(std::int64_t when) const noexcept {
    const std::uint64_t since = ticks() - seen_at_;
    return since < known_ && at_most(since) < when;
  }

  /// What the clock says.
  std::int64_t look() noexcept;

 private:
  std::int64_t look(std::uint64_t at) noexcept;
  [[nodiscard]] std::int64_t at_most(std::uint64_t since) const noexcept {
    return seen_ + read_early + static_cast<std::int64_t>(since + since / 2);
  }

  static constexpr std::int64_t read_early = 100;
  // A tick is taken for 1.5 ns, more than any counter's lasts; 600 of them and read_early make up the microsecond.
  std::uint64_t soon_ = ticks_tell_time() ? 600 : 0;  // ticks
  std::uint64_t known_ = ticks_tell_time() ? std::uint64_t{1} << 32 : 0;  // ticks
  std::uint64_t seen_at_ = 0;
  std::int64_t seen_ = never / 2;  // so that nothing is known before the first look
  std::int64_t last_ = 0;
};

}  // namespace goro::runtime
