// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

#include <goro/detail/spin_lock.hpp>

namespace goro::detail {

struct sleeper;

/// Sleep and wake-up in pairs, as in Go's sema.go: each acquire() sleeps until one release() is meant for it,
/// whichever of the two comes first.
class semaphore {
 public:
  constexpr semaphore() noexcept = default;

  /// Sleeps until a release. `reason` is shown in dumps, with `object`.
  void acquire(std::uint8_t reason, const void* object);
  /// Wakes the first sleeper, or lets the next acquire() through. hand_over: the sleeper runs next, in our time.
  void release(bool hand_over);
  /// Whether somebody sleeps who may still go on: what must not be so when a lock is destroyed.
  [[nodiscard]] bool has_sleepers() noexcept;

 private:
  spin_lock lock_;
  std::uint32_t permits_ = 0;
  sleeper* first_ = nullptr;
  sleeper* last_ = nullptr;
};

}  // namespace goro::detail
