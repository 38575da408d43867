// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include <goro/rate/bucket.hpp>
#include <goro/rate/limiter.hpp>

namespace goro {
namespace detail {

class token_bucket_algorithm : public bucket {
 public:
  static constexpr const char* name = "goro::token_bucket";
  token_bucket_algorithm(double per_second, std::int64_t burst) : bucket(name, per_second, burst) {}

  [[nodiscard]] bool allow(clock::time_point t, std::int64_t n) noexcept {
    return book(t, n, t).said == booking::answer::granted;
  }
  [[nodiscard]] booking book(clock::time_point t, std::int64_t n, clock::time_point latest) noexcept;
  void cancel(clock::time_point t, const booking& b) noexcept { give_back(t, b, b.act); }
  void set_burst(clock::time_point t, std::int64_t n);
};

}  // namespace detail

/// Lets through `per_second` events a second, and up to `burst` at once after a pause: Go's rate.Limiter. Each event
/// takes a token; they accrue at the rate until there are `burst`, which is what it starts with.
///
///   goro::token_bucket limit{100, 20};
///   if (!limit.allow()) return too_many_requests;
///
/// Rate 0 lets the burst through, and then nothing; rate `unlimited` everything, whatever the burst. A time before the
/// last one adds no tokens, and from there on they accrue anew.
class token_bucket final : public limiter<detail::token_bucket_algorithm> {
 public:
  token_bucket(double per_second, std::int64_t burst) : limiter(per_second, burst) {}
};

}  // namespace goro
