// SPDX-License-Identifier: BSL-1.0
#include <goro/rate/reservation.hpp>

#include <algorithm>

#include <goro/context.hpp>
#include <goro/rate/limiter.hpp>
#include <goro/select.hpp>
#include <goro/time.hpp>

#include "rate/errors.hpp"

namespace goro {

std::chrono::nanoseconds reservation::delay(clock::time_point t) const noexcept {
  if (!ok()) return std::chrono::nanoseconds::max();
  return std::max(detail::between(t, booking_.act), std::chrono::nanoseconds(0));
}

void reservation::cancel_at(std::optional<clock::time_point> t) {
  if (!ok() || booking_.n == 0) return;
  book_->cancel(t, booking_);
  booking_.n = 0;
}

namespace detail {

/// Of a context that is done already: no time at all.
clock::time_point latest_for(const context& ctx) {
  if (ctx.err()) return clock::time_point::min();
  return ctx.deadline().value_or(clock::time_point::max());
}

std::error_code wait_until_due(reservation r, std::optional<clock::time_point> t, const context& ctx) {
  if (r.booking_.said == booking::answer::exceeds_burst) return exceeds_burst(r.booking_.n, r.booking_.burst);
  if (!r.ok()) {
    const std::error_code e = ctx.err();
    return e ? e : exceeds_deadline(r.booking_.n);
  }

  const clock::time_point start = clock::now();
  const std::chrono::nanoseconds delay = r.delay(t.value_or(start));
  if (delay.count() == 0) return {};
  if (select(recv(after(delay)), recv(ctx.done())) == 0) return {};
  if (t) *t = later(*t, clock::now() - start);
  r.cancel_at(t);
  return ctx.err();
}

}  // namespace detail
}  // namespace goro
