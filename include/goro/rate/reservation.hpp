// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include <goro/time.hpp>

namespace goro {

class context;
class reservation;

namespace detail {

/// What a limiter answers to the wish for n.
struct booking {
  enum class answer : std::uint8_t { granted, exceeds_burst, too_late };
  answer said = answer::too_late;
  std::int64_t n = 0;
  clock::time_point act{};                    // granted: when they may go
  double limit = 0;                           // buckets: the rate that this was reckoned with
  std::optional<std::int64_t> left_behind{};  // fixed windows: how many are in the window that had no room
  std::int64_t burst = 0;                     // exceeds_burst: what it exceeds
  std::size_t hash = 0;                       // keyed: whose limiter it was
  std::uint64_t client = 0;

  [[nodiscard]] static booking refused(answer why, std::int64_t n, std::int64_t burst) noexcept {
    return {.said = why, .n = n, .burst = burst};
  }
  /// Of an unlimited rate: nothing is counted, so that there is nothing to give back.
  [[nodiscard]] static booking uncounted(clock::time_point t, std::int64_t n, clock::time_point latest) noexcept {
    if (t > latest) return {.said = answer::too_late, .n = n};
    return {.said = answer::granted, .act = t};
  }
};

/// Where a reservation was made.
class reservation_book {
 public:
  /// At the time given, else now.
  virtual void cancel(std::optional<clock::time_point> t, const booking& b) = 0;

 protected:
  ~reservation_book() = default;
};

[[nodiscard]] clock::time_point latest_for(const context& ctx);
[[nodiscard]] std::error_code wait_until_due(reservation r, std::optional<clock::time_point> t, const context& ctx);

}  // namespace detail

/// A permission for n events at a time to come. Whoever holds one is expected to wait for delay(), and then to act.
/// Dropping it cancels nothing.
///
/// Blocks:    never.
/// Lifetime:  movable. cancel() needs the limiter that it came from; the rest does not.
class reservation {
 public:
  reservation(detail::reservation_book& book, const detail::booking& b) noexcept : book_(&book), booking_(b) {}
  reservation(reservation&& other) noexcept
      : book_(other.book_), booking_(std::exchange(other.booking_, detail::booking{})) {}
  reservation& operator=(reservation&& other) noexcept {
    book_ = other.book_;
    booking_ = std::exchange(other.booking_, detail::booking{});
    return *this;
  }

  /// False: the limiter will never let so many through at once, or not as soon as was asked for. Nothing was taken.
  [[nodiscard]] bool ok() const noexcept { return booking_.said == detail::booking::answer::granted; }

  /// How long to wait before acting, zero for not at all; the longest of all durations if it is not ok().
  [[nodiscard]] std::chrono::nanoseconds delay() const noexcept { return delay(clock::now()); }
  [[nodiscard]] std::chrono::nanoseconds delay(clock::time_point t) const noexcept;

  /// The holder will not act: gives back what later reservations have not built upon. Nothing, if the time to act has
  /// passed, or the second time.
  void cancel() { cancel_at(std::nullopt); }
  void cancel(clock::time_point t) { cancel_at(t); }

 private:
  friend std::error_code detail::wait_until_due(reservation, std::optional<clock::time_point>, const context&);
  void cancel_at(std::optional<clock::time_point> t);

  detail::reservation_book* book_;
  detail::booking booking_;
};

/// Why wait() refused. Compare with ==; the message names the numbers.
enum class rate_errc {
  exceeds_burst = 1,  ///< "rate: Wait(n=N) exceeds limiter's burst B": waiting would not help
  exceeds_deadline,  ///< "rate: Wait(n=N) would exceed context deadline"; or the rate is 0, and it would wait for ever
};
[[nodiscard]] std::error_condition make_error_condition(rate_errc e) noexcept;

}  // namespace goro

template <>
struct std::is_error_condition_enum<goro::rate_errc> : std::true_type {};
