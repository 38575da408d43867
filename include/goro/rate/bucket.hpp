// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include <goro/rate/limiter.hpp>

namespace goro::detail {

/// What the two buckets share: tokens that accrue with time, up to the burst, and go into debt for reservations.
class bucket {
 public:
  using lock = spin_lock;

  void set_limit(clock::time_point t, double per_second);
  [[nodiscard]] double limit() const noexcept { return limit_; }
  [[nodiscard]] std::int64_t burst() const noexcept { return burst_; }
  [[nodiscard]] double tokens(clock::time_point t) const noexcept;
  /// Nobody could tell it from a new one.
  [[nodiscard]] bool is_idle(clock::time_point t) const noexcept { return tokens(t) >= static_cast<double>(burst_); }

 protected:
  bucket(const char* name, double per_second, std::int64_t burst);
  /// How long it takes until so many tokens have accrued; the longest of all durations if that never happens.
  [[nodiscard]] static std::chrono::nanoseconds time_for(double tokens, double limit) noexcept;
  /// `event`: when the last of the n is due; `left`: the tokens at t without them.
  [[nodiscard]] booking grant(clock::time_point t, std::int64_t n, clock::time_point act, clock::time_point event,
                              double left) noexcept;
  void give_back(clock::time_point t, const booking& b, clock::time_point event) noexcept;

  const char* name_;
  double limit_;  // tokens a second
  std::int64_t burst_;
  double tokens_;  // at last_
  clock::time_point last_{};
  clock::time_point last_event_{};  // of all reservations
};

}  // namespace goro::detail
