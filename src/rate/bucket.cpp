// SPDX-License-Identifier: BSL-1.0
#include <goro/rate/bucket.hpp>

#include <algorithm>
#include <cmath>

namespace goro::detail {
namespace {

using std::chrono::nanoseconds;

double tokens_in(nanoseconds d, double limit) noexcept { return std::chrono::duration<double>(d).count() * limit; }

}  // namespace

nanoseconds bucket::time_for(double tokens, double limit) noexcept {
  if (limit <= 0) return nanoseconds::max();
  const double ns = tokens / limit * 1e9;
  return ns < 9.2e18 ? nanoseconds(std::llround(ns)) : nanoseconds::max();
}

bucket::bucket(const char* name, double per_second, std::int64_t burst)
    : name_(name), limit_(per_second), burst_(burst), tokens_(static_cast<double>(burst)) {
  check_rate(name, per_second);
  check_burst(name, burst);
}

double bucket::tokens(clock::time_point t) const noexcept {
  const double full = static_cast<double>(burst_);
  if (limit_ == unlimited) return full;
  return std::min(tokens_ + tokens_in(between(std::min(last_, t), t), limit_), full);
}

void bucket::set_limit(clock::time_point t, double per_second) {
  check_rate(name_, per_second);
  tokens_ = tokens(t);
  last_ = t;
  limit_ = per_second;
}

booking bucket::grant(clock::time_point t, std::int64_t n, clock::time_point act, clock::time_point event,
                      double left) noexcept {
  tokens_ = left;
  last_ = t;
  last_event_ = event;
  return {.said = booking::answer::granted, .n = n, .act = act, .limit = limit_};
}

void bucket::give_back(clock::time_point t, const booking& b, clock::time_point event) noexcept {
  if (limit_ == unlimited || b.act < t) return;
  const double n = static_cast<double>(b.n);
  // If something was given back before, later ones may be due before this one. Then nothing is built upon it: Go, which
  // takes the difference as it is, gives back more than was taken, and lets more through than the limit.
  const double built_upon = tokens_in(between(event, std::max(event, last_event_)), b.limit);
  if (built_upon >= n) return;
  tokens_ = std::min(tokens(t) + n - built_upon, static_cast<double>(burst_));
  last_ = t;
  if (event != last_event_) return;
  const clock::time_point event_before = later(event, -time_for(n, b.limit));
  if (event_before >= t) last_event_ = event_before;
}

}  // namespace goro::detail
