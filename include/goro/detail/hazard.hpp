// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <utility>

namespace goro::detail {

/// Keeps an object alive for a reader that has no lock. Holding an address is a claim, good once the reader has seen that
/// the object can still be found: who takes it out deletes it only when nobody holds its address then.
///
///   reader                                        who deletes
///   H1  hold(object)                              D1  take the object out of where readers find it
///   H2  it is still where it was found ?          D2  is_held(object) ? later : delete it
///       use it : release(), look again
///
/// All four are in the single order of sequentially consistent operations, so either H2 sees D1, or D2 sees H1.
class hazard {
 public:
  hazard() = default;
  hazard(hazard&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  hazard& operator=(hazard&& other) noexcept {
    std::swap(slot_, other.slot_);
    return *this;
  }
  ~hazard() { release(); }

  /// False: there is no room to write the claim down. It belongs to this object, not to the thread: a goroutine may
  /// park and move while it holds.
  [[nodiscard]] bool hold(const void* object) noexcept {
    for (slot& s : nearest().slots) {
      const void* nothing = nullptr;
      if (!s.compare_exchange_strong(nothing, object)) continue;
      slot_ = &s;
      return true;
    }
    return false;
  }
  void release() noexcept {
    if (slot_ == nullptr) return;
    slot_->store(nullptr, std::memory_order_release);  // what the reader did happens before the deletion
    slot_ = nullptr;
  }

  [[nodiscard]] static bool is_held(const void* object) noexcept;

  using slot = std::atomic<const void*>;
  struct alignas(64) line {
    slot slots[64 / sizeof(slot)];
  };

 private:
  /// That of the machine that the caller is on.
  static line& nearest() noexcept;

  slot* slot_ = nullptr;
};

}  // namespace goro::detail
