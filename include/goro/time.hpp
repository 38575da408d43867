// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

#include <goro/chan.hpp>
#include <goro/detail/owned.hpp>
#include <goro/go.hpp>

namespace goro {

/// The clock that goro's timers go by: monotonic, in nanoseconds. Models std::chrono's clocks.
struct clock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<clock>;
  static constexpr bool is_steady = true;
  [[nodiscard]] static time_point now() noexcept;
};

namespace detail {

/// Any duration in nanoseconds, saturating: what does not fit is "practically never", or at once if negative.
template <class Rep, class Period>
constexpr std::chrono::nanoseconds saturate(std::chrono::duration<Rep, Period> d) {
  using std::chrono::nanoseconds;
  using wide = std::chrono::duration<long double, std::nano>;
  const long double ns = std::chrono::duration_cast<wide>(d).count();
  if (!(ns < 9.2e18L)) return nanoseconds::max();
  if (ns < -9.2e18L) return nanoseconds::min();
  if constexpr (std::is_floating_point_v<Rep>) {
    return nanoseconds(static_cast<std::int64_t>(ns));
  } else {
    return std::chrono::duration_cast<nanoseconds>(d);
  }
}
constexpr std::chrono::nanoseconds saturate(std::chrono::nanoseconds d) { return d; }

void sleep(std::chrono::nanoseconds d);
[[nodiscard]] channel* make_timer_channel(std::chrono::nanoseconds d, const element_type& type);

struct func_timer;
[[nodiscard]] func_timer* start_func_timer(std::chrono::nanoseconds d, owned_function f);
bool stop_func_timer(func_timer* t);
bool reset_func_timer(func_timer* t, std::chrono::nanoseconds d);
void release_func_timer(func_timer* t) noexcept;

}  // namespace detail

/// Parks the calling goroutine, or blocks the calling thread, for at least d. d <= 0 returns at once. Signals do
/// not cut it short; a duration too long to count is practically for ever.
template <class Rep, class Period>
void sleep(std::chrono::duration<Rep, Period> d) {
  detail::sleep(detail::saturate(d));
}

/// A channel that yields the time at which d had passed, once. Dropping its last handle before that removes the
/// timer. Its len() and cap() are always 0; a receive that does not wait finds a value that is due.
template <class Rep, class Period>
[[nodiscard]] recv_chan<clock::time_point> after(std::chrono::duration<Rep, Period> d) {
  return recv_chan<clock::time_point>(
      detail::make_timer_channel(detail::saturate(d), detail::element_of<clock::time_point>));
}

/// What after_func() returns: a pending call.
class timer {
 public:
  timer() = default;
  timer(timer&& other) noexcept : t_(std::exchange(other.t_, nullptr)) {}
  timer& operator=(timer&& other) noexcept {
    if (this != &other) {
      detail::release_func_timer(t_);
      t_ = std::exchange(other.t_, nullptr);
    }
    return *this;
  }
  ~timer() { detail::release_func_timer(t_); }

  /// True if it prevented the call; false if f has been started or the timer was stopped before. Does not wait for f.
  /// Panics "time: Stop called on uninitialized Timer" on a default-constructed one.
  bool stop() { return detail::stop_func_timer(t_); }

  /// Makes the call happen d from now; true if the timer was active.
  /// Panics "time: Reset called on uninitialized Timer" on a default-constructed one.
  template <class Rep, class Period>
  bool reset(std::chrono::duration<Rep, Period> d) {
    return detail::reset_func_timer(t_, detail::saturate(d));
  }

  recv_chan<clock::time_point> c;  ///< Nil: the timer of after_func() has no channel.

 private:
  explicit timer(detail::func_timer* t) noexcept : t_(t) {}
  template <class Rep, class Period, std::invocable F>
  friend timer after_func(std::chrono::duration<Rep, Period> d, F&& f);
  detail::func_timer* t_ = nullptr;
};

/// Runs f in a goroutine of its own once d has passed. Dropping the timer returned does not stop it.
template <class Rep, class Period, std::invocable F>
timer after_func(std::chrono::duration<Rep, Period> d, F&& f) {
  if (detail::is_empty_function<std::decay_t<F>>(f)) detail::go_of_nil_func();
  return timer(detail::start_func_timer(detail::saturate(d), std::forward<F>(f)));
}

}  // namespace goro
