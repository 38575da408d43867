// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace goro::runtime {

/// What a store holds, and how much of it nobody needs: as much as it never went below from one look to the next.
class stock {
 public:
  void put(std::size_t n = 1) noexcept { size_ += n; }
  void take(std::size_t n = 1) noexcept { least_ = std::min(least_, size_ -= n); }

  /// What has not been needed for a while already.
  void put_surplus() noexcept { ++size_, ++least_, ++surplus_; }

  void look() noexcept {
    surplus_ = least_;
    least_ = size_;
  }
  /// As if so many, `limit` at most, had been taken for good.
  [[nodiscard]] std::size_t take_surplus(std::size_t limit) noexcept {
    surplus_ = std::min(surplus_, least_);
    const std::size_t n = std::min(surplus_, limit);
    surplus_ -= n;
    least_ -= n;
    size_ -= n;
    return n;
  }
  [[nodiscard]] std::size_t surplus() const noexcept { return std::min(surplus_, least_); }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  std::size_t size_ = 0;
  std::size_t least_ = 0;  // since the last look
  std::size_t surplus_ = 0;
};

/// What giving memory back to the kernel leaves over, in rising urgency.
enum class remainder {
  nothing,  // until something is used again
  later,    // unused now, but not for long enough: look again after a while
  surplus,  // there is more to give back
};

inline remainder remainder_of(const stock& s) noexcept {
  if (s.surplus() != 0) return remainder::surplus;
  return s.empty() ? remainder::nothing : remainder::later;
}

}  // namespace goro::runtime
