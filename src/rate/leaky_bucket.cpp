// SPDX-License-Identifier: BSL-1.0
#include <goro/rate/leaky_bucket.hpp>

namespace goro::detail {

using std::chrono::nanoseconds;

bool leaky_bucket_algorithm::allow(clock::time_point t, std::int64_t n) noexcept {
  if (limit_ == unlimited) return true;
  if (tokens(t) < static_cast<double>(n)) return false;
  pour_in(t, n);
  return true;
}

booking leaky_bucket_algorithm::book(clock::time_point t, std::int64_t n, clock::time_point latest) noexcept {
  if (limit_ == unlimited) return booking::uncounted(t, n, latest);
  if (n > burst_) return booking::refused(booking::answer::exceeds_burst, n, burst_);
  const nanoseconds delay = time_to_empty(t);
  if (delay == nanoseconds::max() || delay > between(t, latest))
    return booking::refused(booking::answer::too_late, n, burst_);
  return pour_in(t, n);
}

nanoseconds leaky_bucket_algorithm::time_to_empty(clock::time_point t) const noexcept {
  const double level = static_cast<double>(burst_) - tokens(t);
  return level > 0 ? time_for(level, limit_) : nanoseconds(0);
}

booking leaky_bucket_algorithm::pour_in(clock::time_point t, std::int64_t n) noexcept {
  const clock::time_point act = later(t, time_to_empty(t));
  return grant(t, n, act, has_leaked(act, n, limit_), tokens(t) - static_cast<double>(n));
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
