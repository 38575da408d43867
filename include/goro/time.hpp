// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <goro/chan.hpp>
#include <goro/detail/owned.hpp>
#include <goro/detail/std_parts.hpp>
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
// period: zero for a timer that fires once
[[nodiscard]] channel* make_timer_channel(std::chrono::nanoseconds d, std::chrono::nanoseconds period,
                                          const element_type& type);
bool stop_timer_channel(channel* c);
bool reset_timer_channel(channel* c, std::chrono::nanoseconds d, std::chrono::nanoseconds period);
void check_period(std::chrono::nanoseconds period, const char* text);

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
      detail::make_timer_channel(detail::saturate(d), {}, detail::element_of<clock::time_point>));
}

/// A time to come: a value on the channel `c`, or a call if after_func() made it.
///
/// Blocks:    never. stop(), reset() and receives may come at the same time.
/// Panics:    "time: Stop called on uninitialized Timer", "time: Reset called on uninitialized Timer" on a
///            default-constructed one.
/// Lifetime:  movable. When it and all copies of `c` are gone the timer is, too; a pending call still comes.
class timer {
 public:
  timer() = default;
  /// The value is the time when it was sent, no earlier than d from now; d <= 0 is at once.
  template <class Rep, class Period>
  explicit timer(std::chrono::duration<Rep, Period> d)
      : c(detail::make_timer_channel(detail::saturate(d), {}, detail::element_of<clock::time_point>)), channel_(c) {}
  timer(timer&& other) noexcept
      : c(std::move(other.c)), call_(std::exchange(other.call_, nullptr)), channel_(std::move(other.channel_)) {}
  timer& operator=(timer&& other) noexcept {
    if (this != &other) {
      c = std::move(other.c);
      detail::release_func_timer(std::exchange(call_, std::exchange(other.call_, nullptr)));
      channel_ = std::move(other.channel_);
    }
    return *this;
  }
  ~timer() { detail::release_func_timer(call_); }

  /// True if it prevented the value or the call: also a value that was sent and not yet received is withdrawn. False if
  /// the call has been started, the value received, or the timer stopped before. Does not wait for the call.
  bool stop() { return channel_ ? detail::stop_timer_channel(channel_.core()) : detail::stop_func_timer(call_); }

  /// Lets it happen d from now; nothing that belongs to the earlier time is received any more. True if it was active, by
  /// the measure of stop().
  template <class Rep, class Period>
  bool reset(std::chrono::duration<Rep, Period> d) {
    const std::chrono::nanoseconds ns = detail::saturate(d);
    return channel_ ? detail::reset_timer_channel(channel_.core(), ns, {}) : detail::reset_func_timer(call_, ns);
  }

  recv_chan<clock::time_point> c;  ///< Nil for a call. Its len() and cap() are 0 always.

 private:
  explicit timer(detail::func_timer* call) noexcept : call_(call) {}
  template <class Rep, class Period, std::invocable F>
  friend timer after_func(std::chrono::duration<Rep, Period> d, F&& f);
  detail::func_timer* call_ = nullptr;
  detail::channel_handle channel_;
};

/// A value on the channel `c` every d. A slow receiver loses ticks: at most one waits.
///
/// Panics:    "non-positive interval for NewTicker", "non-positive interval for Ticker.Reset"; "time: Reset called on
///            uninitialized Ticker" on a default-constructed one, whose stop() does nothing.
/// Lifetime:  movable. When it and all copies of `c` are gone, it has ended.
class ticker {
 public:
  ticker() = default;
  template <class Rep, class Period>
  explicit ticker(std::chrono::duration<Rep, Period> d) : c(start(detail::saturate(d))), channel_(c) {}
  ticker(ticker&&) noexcept = default;
  ticker& operator=(ticker&&) noexcept = default;

  /// No tick comes any more; `c` is not closed.
  void stop() {
    if (channel_) detail::stop_timer_channel(channel_.core());
  }

  /// The next tick comes d from now, and then one every d.
  template <class Rep, class Period>
  void reset(std::chrono::duration<Rep, Period> d) {
    const std::chrono::nanoseconds ns = detail::saturate(d);
    detail::check_period(ns, "non-positive interval for Ticker.Reset");
    if (!channel_) detail::throw_panic("time: Reset called on uninitialized Ticker");
    detail::reset_timer_channel(channel_.core(), ns, ns);
  }

  recv_chan<clock::time_point> c;  ///< Its len() and cap() are 0 always.

 private:
  static detail::channel* start(std::chrono::nanoseconds d) {
    detail::check_period(d, "non-positive interval for NewTicker");
    return detail::make_timer_channel(d, d, detail::element_of<clock::time_point>);
  }
  detail::channel_handle channel_;
};

/// The channel of a ticker that is never stopped; it ends with the last copy of the channel. Nil if d <= 0.
template <class Rep, class Period>
[[nodiscard]] recv_chan<clock::time_point> tick(std::chrono::duration<Rep, Period> d) {
  if (detail::saturate(d).count() <= 0) return {};
  return ticker(d).c;
}

/// Runs f in a goroutine of its own once d has passed. Dropping the timer returned does not stop it.
template <class Rep, class Period, std::invocable F>
timer after_func(std::chrono::duration<Rep, Period> d, F&& f) {
  if (detail::is_empty_function<std::decay_t<F>>(f)) detail::go_of_nil_func();
  return timer(detail::start_func_timer(detail::saturate(d), std::forward<F>(f)));
}

}  // namespace goro
