// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <goro/rate/limiter.hpp>
#include <goro/sync/mutex.hpp>

namespace goro {
namespace detail {

class sliding_window_algorithm {
 public:
  using lock = mutex;  // it allocates
  static constexpr const char* name = "goro::sliding_window";
  template <class Rep, class Period>
  sliding_window_algorithm(std::int64_t n, std::chrono::duration<Rep, Period> length)
      : burst_(n), length_(saturate(length)) {
    check_burst(name, n);
    check_window(name, length_);
  }

  [[nodiscard]] bool allow(clock::time_point t, std::int64_t n) {
    return book(t, n, std::max(t, now_)).said == booking::answer::granted;
  }
  [[nodiscard]] booking book(clock::time_point t, std::int64_t n, clock::time_point latest);
  void cancel(clock::time_point t, const booking& b) noexcept;
  void set_limit(clock::time_point t, double per_second);
  void set_burst(clock::time_point t, std::int64_t n);
  [[nodiscard]] double limit() const noexcept;
  [[nodiscard]] std::int64_t burst() const noexcept { return burst_; }
  [[nodiscard]] double tokens(clock::time_point t) const noexcept;
  [[nodiscard]] bool is_idle(clock::time_point t) const noexcept;

 private:
  struct entry {
    clock::time_point at;
    std::int64_t total;  // of the events up to this one
  };
  using position = std::vector<entry>::const_iterator;
  [[nodiscard]] position first_within(clock::time_point t) const noexcept;
  /// The total of those before it.
  [[nodiscard]] std::int64_t total_before(position p) const noexcept;
  void forget_before(position p) noexcept;

  std::int64_t burst_;
  std::chrono::nanoseconds length_;
  std::vector<entry> log_{};  // in the order of time, reservations included
  std::size_t first_ = 0;     // those before it have left the window
  std::int64_t total_forgotten_ = 0;
  clock::time_point now_{clock::duration::min()};  // of the last event
};

}  // namespace detail

/// Lets n events through in any stretch of time of this length: it knows when each of them happened. Exact, and at the
/// price of up to 32 bytes for each event of the last window and each reservation; the other limiters have a fixed size.
///
///   goro::sliding_window logins{5, 1min};
///
/// The length of the window stays: set_burst(n) is n a window, set_limit(r) is r times the length, rounded down. A time
/// before the last one counts as the last one. Panics if the window is not longer than nothing.
class sliding_window final : public limiter<detail::sliding_window_algorithm> {
 public:
  template <class Rep, class Period>
  sliding_window(std::int64_t n, std::chrono::duration<Rep, Period> window) : limiter(n, window) {}
};

}  // namespace goro
