// SPDX-License-Identifier: BSL-1.0
#include <goro/rate/limiter.hpp>

#include <cstddef>
#include <cstdio>
#include <string>

#include <goro/panic.hpp>
#include <goro/rate/keyed.hpp>

namespace goro::detail {
namespace {

constexpr std::chrono::nanoseconds farthest(bool future) {
  return future ? std::chrono::nanoseconds::max() : std::chrono::nanoseconds::min();
}

[[noreturn]] void refuse(const char* limiter, const std::string& what, const char* way_out) {
  throw_panic(std::string(limiter) + ": " + what + ": " + way_out);
}

}  // namespace

void refuse_negative_count(const char* limiter, std::int64_t n) {
  refuse(limiter, "n = " + std::to_string(n) + " is negative", "only reservation::cancel() gives something back");
}

void check_rate(const char* limiter, double per_second) {
  if (per_second >= 0) return;
  char number[32];
  std::snprintf(number, sizeof number, "%g", per_second);
  refuse(limiter, std::string("a rate of ") + number + " per second",
         "it must be 0 or more; goro::unlimited refuses nothing");
}

void check_burst(const char* limiter, std::int64_t burst) {
  if (burst < 0) refuse(limiter, "a burst of " + std::to_string(burst), "it must be 0 or more");
}

void check_room(std::size_t max_keys) {
  if (max_keys == 0) refuse("goro::keyed", "room for 0 keys", "it must be 1 or more");
}

void check_window(const char* limiter, std::chrono::nanoseconds window) {
  if (window.count() <= 0)
    refuse(limiter, "a window of " + std::to_string(window.count()) + " ns",
           "it must be longer than nothing; set_limit(goro::unlimited) refuses nothing");
}

clock::time_point later(clock::time_point t, std::chrono::nanoseconds d) noexcept {
  std::int64_t sum = 0;
  if (__builtin_add_overflow(t.time_since_epoch().count(), d.count(), &sum))
    return clock::time_point(farthest(d.count() > 0));
  return clock::time_point(clock::duration(sum));
}

std::chrono::nanoseconds between(clock::time_point from, clock::time_point to) noexcept {
  std::int64_t difference = 0;
  if (__builtin_sub_overflow(to.time_since_epoch().count(), from.time_since_epoch().count(), &difference))
    return farthest(to > from);
  return std::chrono::nanoseconds(difference);
}

}  // namespace goro::detail
