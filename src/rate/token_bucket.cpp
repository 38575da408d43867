// SPDX-License-Identifier: BSL-1.0
#include <goro/rate/token_bucket.hpp>

namespace goro::detail {

using std::chrono::nanoseconds;

booking token_bucket_algorithm::book(clock::time_point t, std::int64_t n, clock::time_point latest) noexcept {
  if (limit_ == unlimited) return booking::uncounted(t, n, latest);
  if (n > burst_) return booking::refused(booking::answer::exceeds_burst, n, burst_);
  const double left = tokens(t) - static_cast<double>(n);
  const nanoseconds delay = left < 0 ? time_for(-left, limit_) : nanoseconds(0);
  if (delay == nanoseconds::max() || delay > between(t, latest))
    return booking::refused(booking::answer::too_late, n, burst_);
  const clock::time_point act = later(t, delay);
  return grant(t, n, act, act, left);
}

void token_bucket_algorithm::set_burst(clock::time_point t, std::int64_t n) {
  check_burst(name, n);
  tokens_ = tokens(t);
  last_ = t;
  burst_ = n;
}

}  // namespace goro::detail
