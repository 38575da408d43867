// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include <goro/rate/bucket.hpp>
#include <goro/rate/limiter.hpp>

namespace goro {
namespace detail {

/// Its tokens are the room in the bucket.
class leaky_bucket_algorithm : public bucket {
 public:
  static constexpr const char* name = "goro::leaky_bucket";
  leaky_bucket_algorithm(double per_second, std::int64_t burst) : bucket(name, per_second, burst) {}

  [[nodiscard]] bool allow(clock::time_point t, std::int64_t n) noexcept;
  [[nodiscard]] booking book(clock::time_point t, std::int64_t n, clock::time_point latest) noexcept;
  void cancel(clock::time_point t, const booking& b) noexcept;
  void set_burst(clock::time_point t, std::int64_t n);

 private:
  [[nodiscard]] std::chrono::nanoseconds time_to_empty(clock::time_point t) const noexcept;
  booking pour_in(clock::time_point t, std::int64_t n) noexcept;
  [[nodiscard]] static clock::time_point has_leaked(clock::time_point act, std::int64_t n, double limit) noexcept;
};

}  // namespace detail

/// A bucket that holds `burst` events and leaks `per_second` of them: what goes in comes out evenly.
///
///   goro::leaky_bucket queue{50, 10};
///   const auto place = queue.reserve();  // the first is due at once, each other 20 ms after the one before
///
/// allow() is true if there is room in the bucket; such an event counts as one that comes out in its turn. reserve() and
/// wait() are for the end of the queue, also behind what did not fit: the first event is due at once, the next when the
/// first has leaked. That is the difference to token_bucket, which lets the burst through without a delay.
class leaky_bucket final : public limiter<detail::leaky_bucket_algorithm> {
 public:
  leaky_bucket(double per_second, std::int64_t burst) : limiter(per_second, burst) {}
};

}  // namespace goro
