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

/// The processor time that the calling thread has used, in nanoseconds.
inline std::int64_t thread_time_ns() noexcept {
  timespec t;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
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

/// A clock that is looked at once in a while; between two looks ticks are added. How long one lasts is measured, and
/// known from both sides only: the clock is adjusted now and then, by up to half a thousandth.
class due_clock {
 public:
  /// For what is armed: never earlier than the clock, up to a microsecond later, and never the same twice.
  [[nodiscard]] std::int64_t now() noexcept {
    const std::uint64_t since = ticks() - before_;
    return last_ = std::max(last_ + 1, since < soon_ ? at_most(since) : look());
  }

  /// Whether `when` is still to come; false also if only the clock can tell.
  [[nodiscard]] bool is_before(std::int64_t when) const noexcept {
    const std::uint64_t since = ticks() - before_;
    return since < known_ && at_most(since) < when;
  }

  /// A time that has come, and not before `when` if that has.
  [[nodiscard]] std::int64_t as_far_as(std::int64_t when) noexcept {
    const std::uint64_t since = ticks() - before_;
    if (since >= known_) return look();
    const std::int64_t come = at_least(since);
    return come >= when || at_most(since) < when ? come : look();
  }

  /// What the clock says.
  std::int64_t look() noexcept;

 private:
  /// Nanoseconds in 2^20 ticks.
  using duration_of_ticks = std::uint64_t;
  static constexpr duration_of_ticks longest = (1U << 20) * 3 / 2;  // a tick is shorter than 1.5 ns

  static std::int64_t duration(std::uint64_t ticks, duration_of_ticks each) noexcept {
    return static_cast<std::int64_t>(ticks * each >> 20);
  }
  [[nodiscard]] std::int64_t at_most(std::uint64_t since) const noexcept {
    return seen_ + read_early + duration(since, most_);
  }
  [[nodiscard]] std::int64_t at_least(std::uint64_t since) const noexcept {
    return seen_ + duration(since > took_ ? since - took_ : 0, least_);
  }
  void measure() noexcept;

  static constexpr std::int64_t read_early = 100;
  static constexpr std::uint64_t window_at_first = 600;  // of the longest ticks: with read_early the microsecond

  std::uint64_t before_ = 0;        // ticks before the last look,
  std::uint64_t took_ = 0;          // and during it
  std::int64_t seen_ = never / 2;   // then; so that nothing is known before the first look
  std::int64_t last_ = 0;           // that now() said
  std::uint64_t soon_ = 0;          // for so many at_most() is good to a microsecond
  std::uint64_t known_ = ticks_tell_time() ? std::uint64_t{1} << 24 : 0;  // so many ticks are trusted
  duration_of_ticks least_ = 0;
  duration_of_ticks most_ = longest;

  // Of the measurement:
  std::uint64_t begun_at_ = 0;  // ticks
  std::int64_t begun_ = 0;
  duration_of_ticks measured_ = 0;  // by the one before
  std::uint64_t window_ = window_at_first;  // soon_ after a look that nothing disturbed
};

}  // namespace goro::runtime
