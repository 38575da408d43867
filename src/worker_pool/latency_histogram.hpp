// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include <goro/worker_pool.hpp>

namespace goro::detail {

/// Counts durations in 16 steps for each power of two of nanoseconds: percentiles without keeping what was measured.
class latency_histogram {
 public:
  void add(std::chrono::nanoseconds d) noexcept {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(d.count(), 0));
    ++counts_[bucket_of(ns)];
    ++total_;
    max_ = std::max(max_, ns);
  }

  [[nodiscard]] latency_stats summary() const noexcept {
    return {percentile(500), percentile(900), percentile(990), percentile(999), at(max_)};
  }

 private:
  static constexpr int step_bits = 4;
  static constexpr std::uint64_t steps = 1 << step_bits;

  static std::chrono::nanoseconds at(std::uint64_t ns) noexcept {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(ns));
  }
  static constexpr std::size_t bucket_of(std::uint64_t ns) noexcept {
    if (ns < steps) return ns;
    const int shift = std::bit_width(ns) - 1 - step_bits;
    return static_cast<std::size_t>(shift + 1) * steps + ((ns >> shift) - steps);
  }
  static constexpr std::uint64_t last_of(std::size_t bucket) noexcept {
    if (bucket < steps) return bucket;
    const std::size_t shift = bucket / steps - 1;
    return ((bucket % steps + steps + 1) << shift) - 1;
  }
  /// The end of the bucket that it is in, so never too low.
  [[nodiscard]] std::chrono::nanoseconds percentile(std::uint64_t per_mille) const noexcept {
    if (total_ == 0) return {};
    const std::uint64_t rank = (total_ * per_mille + 999) / 1000;
    std::uint64_t seen = 0;
    std::size_t bucket = 0;
    while ((seen += counts_[bucket]) < rank) ++bucket;
    return at(std::min(last_of(bucket), max_));
  }

  std::array<std::uint64_t, (64 - step_bits) * steps> counts_{};  // up to INT64_MAX
  std::uint64_t total_ = 0;
  std::uint64_t max_ = 0;
};

}  // namespace goro::detail
