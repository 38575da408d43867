// SPDX-License-Identifier: BSL-1.0
#include <goro/rate/leaky_bucket.hpp>

namespace goro::detail {

using std::chrono::nanoseconds;

bool leaky_bucket_algorithm::allow(clock::time_point t, std::int64_t n) noexcept {
  if (limit_ != unlimited && tokens(t) < static_cast<double>(n)) return false;
  return book(t, n, clock::time_point::max()).said == booking::answer::granted;
}

booking leaky_bucket_algorithm::book(clock::time_point t, std::int64_t n, clock::time_point latest) noexcept {
  if (limit_ == unlimited) return booking::uncounted(t, n, latest);
  if (n > burst_) return booking::refused(booking::answer::exceeds_burst, n, burst_);
  const double room = tokens(t);
  const double filled = static_cast<double>(burst_) - room;
  const nanoseconds delay = filled > 0 ? time_for(filled, limit_) : nanoseconds(0);
  if (delay == nanoseconds::max() || delay > between(t, latest)) return booking::refused(booking::answer::too_late, n, burst_);
  const clock::time_point act = later(t, delay);
  return grant(t, n, act, has_leaked(act, n, limit_), room - static_cast<double>(n));
}

clock::time_point leaky_bucket_algorithm::has_leaked(clock::time_point act, std::int64_t n, double limit) noexcept {
  return later(act, time_for(static_cast<double>(n), limit));
}

void leaky_bucket_algorithm::cancel(clock::time_point t, const booking& b) noexcept {
  give_back(t, b, has_leaked(b.act, b.n, b.limit));
}

void leaky_bucket_algorithm::set_burst(clock::time_point t, std::int64_t n) {
  check_burst(name, n);
  tokens_ = tokens(t) + static_cast<double>(n) - static_cast<double>(burst_);
  last_ = t;
  burst_ = n;
}

}  // namespace goro::detail
