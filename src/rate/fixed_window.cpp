// SPDX-License-Identifier: BSL-1.0
#include <goro/rate/fixed_window.hpp>

#include <algorithm>

#include "rate/per_window.hpp"

namespace goro::detail {

fixed_window_algorithm::window fixed_window_algorithm::last_window(clock::time_point t) const noexcept {
  if (!last_) return {t, 0};
  const auto since = between(last_->start, t);
  if (since < length_) return *last_;
  return {t - since % length_, 0};
}

booking fixed_window_algorithm::book(clock::time_point t, std::int64_t n, clock::time_point latest) noexcept {
  if (burst_ == no_limit) return booking::uncounted(t, n, latest);
  if (n > burst_) return booking::refused(booking::answer::exceeds_burst, n, burst_);
  t = std::max(t, now_);
  window w = last_window(t);
  std::optional<std::int64_t> left_behind;
  if (n > burst_ - w.count) {
    left_behind = w.count;
    w = {later(w.start, length_), 0};
  }
  const clock::time_point act = std::max(t, w.start);
  if (act > latest || w.start == clock::time_point::max())
    return booking::refused(booking::answer::too_late, n, burst_);
  w.count += n;
  last_ = w;
  now_ = t;
  return {.said = booking::answer::granted, .n = n, .act = act, .left_behind = left_behind};
}

void fixed_window_algorithm::cancel(clock::time_point t, const booking& b) noexcept {
  if (b.act < t || b.act < last_->start) return;  // too late, or those in later windows were told to wait for this one
  last_->count -= b.n;
  if (last_->count == 0 && b.left_behind && last_->start > std::max(t, now_))
    last_ = window{last_->start - length_, *b.left_behind};
}

void fixed_window_algorithm::set_limit(clock::time_point t, double per_second) {
  check_rate(name, per_second);
  set_burst(t, per_window(per_second, length_));
}

void fixed_window_algorithm::set_burst(clock::time_point, std::int64_t n) {
  check_burst(name, n);
  burst_ = n;
}

double fixed_window_algorithm::limit() const noexcept { return per_second(burst_, length_); }

double fixed_window_algorithm::tokens(clock::time_point t) const noexcept {
  t = std::max(t, now_);
  const window w = last_window(t);
  return static_cast<double>(w.start > t ? -w.count : burst_ - w.count);
}

bool fixed_window_algorithm::is_idle(clock::time_point t) const noexcept {
  t = std::max(t, now_);
  const window w = last_window(t);
  return w.start <= t && w.count == 0;
}

}  // namespace goro::detail
