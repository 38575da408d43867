// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include <goro/rate/limiter.hpp>

namespace goro::detail {

inline constexpr std::int64_t no_limit = std::numeric_limits<std::int64_t>::max();

inline double seconds(std::chrono::nanoseconds d) { return std::chrono::duration<double>(d).count(); }

/// Rounded down, but not because 0.29 * 100 is a little less than 29.
inline std::int64_t per_window(double per_second, std::chrono::nanoseconds window) {
  const double n = per_second * seconds(window) * (1 + 1e-12);
  return n < 9.2e18 ? static_cast<std::int64_t>(n) : no_limit;
}

inline double per_second(std::int64_t n, std::chrono::nanoseconds window) {
  return n == no_limit ? unlimited : static_cast<double>(n) / seconds(window);
}

}  // namespace goro::detail
