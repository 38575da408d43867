// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace goro::runtime {

__extension__ using unsigned_128 = unsigned __int128;

/// wyrand: one multiplication a number. For scheduling and select, not for secrets.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) noexcept : state_(seed) {}

  std::uint32_t next() noexcept {
    state_ += 0xa0761d6478bd642fULL;
    const auto product = static_cast<unsigned_128>(state_) * (state_ ^ 0xe7037ed1a0b428dbULL);
    return static_cast<std::uint32_t>((product >> 64) ^ product);
  }
  /// Uniform in [0, n); the bias is below n / 2^32.
  std::uint32_t below(std::uint32_t n) noexcept {
    return static_cast<std::uint32_t>((static_cast<std::uint64_t>(next()) * n) >> 32);
  }

 private:
  std::uint64_t state_;
};

}  // namespace goro::runtime
