// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <system_error>

#include <goro/detail/spin_lock.hpp>
#include <goro/rate/reservation.hpp>
#include <goro/time.hpp>

namespace goro {

/// A rate that refuses nothing.
inline constexpr double unlimited = std::numeric_limits<double>::infinity();

/// The rate of one event every d, per second; unlimited if d <= 0.
template <class Rep, class Period>
[[nodiscard]] constexpr double every(std::chrono::duration<Rep, Period> d) {
  if (d <= d.zero()) return unlimited;
  return 1 / std::chrono::duration<double>(d).count();
}

namespace detail {

[[noreturn]] void refuse_negative_count(const char* limiter, std::int64_t n);
void check_rate(const char* limiter, double per_second);
void check_burst(const char* limiter, std::int64_t burst);
void check_window(const char* limiter, std::chrono::nanoseconds window);

inline void check_count(const char* limiter, std::int64_t n) {
  if (n < 0) [[unlikely]]
    refuse_negative_count(limiter, n);
}

// Sums and differences of times; those that do not fit are the farthest there are.
[[nodiscard]] clock::time_point later(clock::time_point t, std::chrono::nanoseconds d) noexcept;
[[nodiscard]] std::chrono::nanoseconds between(clock::time_point from, clock::time_point to) noexcept;

}  // namespace detail

/// What all limiters can do: token_bucket, leaky_bucket, fixed_window and sliding_window differ in what they take for
/// too much, and in their constructors.
///
/// Each call takes the time from goro::clock, or is told it: as the first argument, for tests and for events that
/// bring their own time. Use one or the other with one limiter; what is told should not go backwards.
///
/// Blocks:    wait() until it is its turn, from goroutines and from plain threads. The others never.
/// Order:     first come, first served: what was reserved for later refuses allow() until then.
/// Panics:    a negative n, burst or rate.
/// Lifetime:  not movable; must outlive every call on it, and reservation::cancel().
template <class Algorithm>
class limiter : detail::reservation_book {
 public:
  using algorithm = Algorithm;

  limiter(const limiter&) = delete;
  limiter& operator=(const limiter&) = delete;

  /// Whether n events may happen now; takes them if so. False for more than burst(), always.
  [[nodiscard]] bool allow(std::int64_t n = 1) {
    detail::check_count(Algorithm::name, n);
    const guard hold(lock_);
    return algorithm_.allow(clock::now(), n);
  }
  [[nodiscard]] bool allow(clock::time_point t, std::int64_t n = 1) {
    detail::check_count(Algorithm::name, n);
    const guard hold(lock_);
    return algorithm_.allow(t, n);
  }

  /// Takes n for the earliest time at which they may happen, however far that is, and says when that is. Not ok() for
  /// more than burst(), for a time that never comes, or one more than max_wait away.
  [[nodiscard]] reservation reserve(std::int64_t n = 1) { return book(std::nullopt, n, clock::time_point::max()); }
  [[nodiscard]] reservation reserve(clock::time_point t, std::int64_t n = 1) {
    return book(t, n, clock::time_point::max());
  }
  template <class Rep, class Period>
  [[nodiscard]] reservation reserve(clock::time_point t, std::int64_t n, std::chrono::duration<Rep, Period> max_wait) {
    return book(t, n, detail::later(t, detail::saturate(max_wait)));
  }

  /// Waits until n events may happen. An error if they may not: rate_errc, at once, for more than burst() or if it would
  /// take longer than the context has; or the context's error, as soon as it is done: then what it had reserved is given
  /// back. Told the time, it reckons from there and waits for as long as that takes.
  [[nodiscard]] std::error_code wait(const context& ctx, std::int64_t n = 1) {
    return detail::wait_until_due(book(std::nullopt, n, detail::latest_for(ctx)), std::nullopt, ctx);
  }
  [[nodiscard]] std::error_code wait(clock::time_point t, const context& ctx, std::int64_t n = 1) {
    return detail::wait_until_due(book(t, n, detail::latest_for(ctx)), t, ctx);
  }

  /// Changes the rate from now on. What is reserved keeps its time.
  void set_limit(double per_second) {
    const guard hold(lock_);
    algorithm_.set_limit(clock::now(), per_second);
  }
  void set_limit(clock::time_point t, double per_second) {
    const guard hold(lock_);
    algorithm_.set_limit(t, per_second);
  }

  /// Changes how many may happen at once from now on. What is reserved keeps its time.
  void set_burst(std::int64_t n) {
    const guard hold(lock_);
    algorithm_.set_burst(clock::now(), n);
  }
  void set_burst(clock::time_point t, std::int64_t n) {
    const guard hold(lock_);
    algorithm_.set_burst(t, n);
  }

  /// Events per second, in the long run.
  [[nodiscard]] double limit() const {
    const guard hold(lock_);
    return algorithm_.limit();
  }
  /// The most that may happen at once.
  [[nodiscard]] std::int64_t burst() const {
    const guard hold(lock_);
    return algorithm_.burst();
  }
  /// How many allow() would let through; less than none if more than that is reserved.
  [[nodiscard]] double tokens() const {
    const guard hold(lock_);
    return algorithm_.tokens(clock::now());
  }
  [[nodiscard]] double tokens(clock::time_point t) const {
    const guard hold(lock_);
    return algorithm_.tokens(t);
  }

 protected:
  template <class... Args>
  explicit limiter(Args... args) : algorithm_(args...) {}
  ~limiter() = default;

 private:
  using lock = typename Algorithm::lock;
  class guard {  // std::lock_guard, without <mutex>
   public:
    explicit guard(lock& l) : lock_(l) { lock_.lock(); }
    guard(const guard&) = delete;
    guard& operator=(const guard&) = delete;
    ~guard() { lock_.unlock(); }

   private:
    lock& lock_;
  };

  // The clock is read under the lock: a time read before would be earlier than that of whoever got the lock first, and
  // what accrues in between would count twice.
  reservation book(std::optional<clock::time_point> t, std::int64_t n, clock::time_point latest) {
    detail::check_count(Algorithm::name, n);
    const guard hold(lock_);
    return reservation(*this, algorithm_.book(t ? *t : clock::now(), n, latest));
  }
  void cancel(std::optional<clock::time_point> t, const detail::booking& b) final {
    const guard hold(lock_);
    algorithm_.cancel(t ? *t : clock::now(), b);
  }

  mutable lock lock_;
  Algorithm algorithm_;  // guarded by lock_
};

}  // namespace goro
