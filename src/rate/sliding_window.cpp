// SPDX-License-Identifier: BSL-1.0
#include <goro/rate/sliding_window.hpp>

#include <algorithm>

#include "rate/per_window.hpp"

namespace goro::detail {

sliding_window_algorithm::position sliding_window_algorithm::first_within(clock::time_point t) const noexcept {
  const auto begin = log_.begin() + static_cast<std::ptrdiff_t>(first_);
  std::int64_t start = 0;
  if (__builtin_sub_overflow(t.time_since_epoch().count(), length_.count(), &start)) return begin;
  const auto has_left = [start](const entry& e) { return e.at.time_since_epoch().count() <= start; };
  // A few leave between two calls, most often: not worth a search among all.
  std::ptrdiff_t reach = 1;
  while (reach <= log_.end() - begin && has_left(begin[reach - 1])) reach *= 2;
  return std::partition_point(begin + reach / 2, begin + std::min(reach, log_.end() - begin), has_left);
}

std::int64_t sliding_window_algorithm::total_before(position p) const noexcept {
  return p == log_.begin() ? total_forgotten_ : std::prev(p)->total;
}

/// Each entry is moved once at most for each one that is forgotten.
void sliding_window_algorithm::forget_before(position p) noexcept {
  first_ = static_cast<std::size_t>(p - log_.begin());
  if (first_ == log_.size()) {
    log_.clear();
    total_forgotten_ = 0;
  } else if (2 * first_ >= log_.size()) {
    total_forgotten_ = total_before(p);
    log_.erase(log_.begin(), p);
  } else {
    return;
  }
  first_ = 0;
}

booking sliding_window_algorithm::book(clock::time_point t, std::int64_t n, clock::time_point latest) {
  if (burst_ == no_limit) return booking::uncounted(t, n, latest);
  if (n > burst_) return booking::refused(booking::answer::exceeds_burst, n, burst_);
  t = std::max(t, now_);
  const position from = first_within(t);
  clock::time_point act = t;
  std::int64_t total = n;
  if (from != log_.end()) {
    if (__builtin_add_overflow(log_.back().total, n, &total))
      return booking::refused(booking::answer::too_late, n, burst_);
    act = std::max(t, log_.back().at);
    // So many of the oldest have to be gone by then.
    const std::int64_t gone = total - burst_;
    if (gone > total_before(from)) {
      const auto last_to_go = std::partition_point(from, log_.cend(), [&](const entry& e) { return e.total < gone; });
      act = std::max(act, later(last_to_go->at, length_));
    }
  }
  if (act > latest || act == clock::time_point::max()) return booking::refused(booking::answer::too_late, n, burst_);

  forget_before(from);
  if (n != 0) {
    if (!log_.empty() && log_.back().at == act) {
      log_.back().total = total;
    } else {
      log_.push_back({act, total});
    }
  }
  now_ = t;
  return {.said = booking::answer::granted, .n = n, .act = act};
}

void sliding_window_algorithm::cancel(clock::time_point t, const booking& b) noexcept {
  if (b.act < t) return;
  const auto mine = std::partition_point(log_.begin() + static_cast<std::ptrdiff_t>(first_), log_.end(),
                                         [&](const entry& e) { return e.at < b.act; });
  if (mine == log_.end() || mine->at != b.act) return;  // it has left the window, seen from an earlier call
  for (auto e = mine; e != log_.end(); ++e) e->total -= b.n;
  if (mine->total == total_before(mine)) log_.erase(mine);
}

void sliding_window_algorithm::set_limit(clock::time_point t, double per_second) {
  check_rate(name, per_second);
  set_burst(t, per_window(per_second, length_));
}

void sliding_window_algorithm::set_burst(clock::time_point, std::int64_t n) {
  check_burst(name, n);
  burst_ = n;
}

double sliding_window_algorithm::limit() const noexcept { return per_second(burst_, length_); }

double sliding_window_algorithm::tokens(clock::time_point t) const noexcept {
  const position from = first_within(std::max(t, now_));
  const std::int64_t within = from == log_.end() ? 0 : log_.back().total - total_before(from);
  return static_cast<double>(burst_) - static_cast<double>(within);
}

bool sliding_window_algorithm::is_idle(clock::time_point t) const noexcept {
  return first_within(std::max(t, now_)) == log_.end();
}

}  // namespace goro::detail
