// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include <goro/rate/limiter.hpp>

namespace goro {
namespace detail {

class fixed_window_algorithm {
 public:
  using lock = spin_lock;
  static constexpr const char* name = "goro::fixed_window";
  template <class Rep, class Period>
  fixed_window_algorithm(std::int64_t n, std::chrono::duration<Rep, Period> length)
      : burst_(n), length_(saturate(length)) {
    check_burst(name, n);
    check_window(name, length_);
  }

  [[nodiscard]] bool allow(clock::time_point t, std::int64_t n) noexcept {
    return book(t, n, std::max(t, now_)).said == booking::answer::granted;
  }
  [[nodiscard]] booking book(clock::time_point t, std::int64_t n, clock::time_point latest) noexcept;
  void cancel(clock::time_point t, const booking& b) noexcept;
  void set_limit(clock::time_point t, double per_second);
  void set_burst(clock::time_point t, std::int64_t n);
  [[nodiscard]] double limit() const noexcept;
  [[nodiscard]] std::int64_t burst() const noexcept { return burst_; }
  [[nodiscard]] double tokens(clock::time_point t) const noexcept;
  [[nodiscard]] bool is_idle(clock::time_point t) const noexcept;

 private:
  struct window {
    clock::time_point start;
    std::int64_t count;
  };
  /// The last window that something was booked in, or the one of t if that comes later.
  [[nodiscard]] window last_window(clock::time_point t) const noexcept;

  std::int64_t burst_;
  std::chrono::nanoseconds length_;
  std::optional<window> last_{};               // none before the first event
  clock::time_point now_{clock::duration::min()};  // of the last event
};

}  // namespace detail

/// Lets n events through in each window of time. The first window begins with the first event, each other where the one
/// before ends. Around such a border up to 2 n may happen within one length of a window; see sliding_window.
///
///   goro::fixed_window quota{1000, 1h};
///
/// reserve() and wait() take places in the next window that has room for all n. The length of the windows stays:
/// set_burst(n) is n a window, set_limit(r) is r times the length, rounded down. A time before the last one counts as
/// the last one. Panics if the window is not longer than nothing.
class fixed_window final : public limiter<detail::fixed_window_algorithm> {
 public:
  template <class Rep, class Period>
  fixed_window(std::int64_t n, std::chrono::duration<Rep, Period> window) : limiter(n, window) {}
};

}  // namespace goro
