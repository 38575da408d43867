// SPDX-License-Identifier: BSL-1.0
// A lock for what one machine uses nearly always: it needs no atomic read-modify-write, for as long as nobody else
// asks.
//
//   the machine                                 whoever else wants it
//   B1  held = true                             V1  revoked = true
//   B2  light barrier                           V2  heavy barrier
//   B3  revoked ? held = false, no : go on      V3  held ? no : it is the asker's, now and later
//
//   B  The barriers make B1/B3 and V1/V3 a Dekker pair: the machine sees `revoked`, or the asker sees `held`. If both
//      do, neither has it. What is revoked stays so: the machine never holds it again, and the askers need a lock of
//      their own among them.
//
// A goroutine stays on its machine from one runtime call to the next, so nobody comes between a test of `held` and B1.
// One that makes a runtime call while it holds the lock may end up on another machine, and another one come here; that
// one sees `held`.
//
// Why not once more after a while? A heavy barrier takes microseconds; once for each lock is nothing, once for each
// object that one processor puts and another one gets is too much.
// Tested by: conformance/sync_pool_test.
#pragma once

#include <atomic>

namespace goro::detail {

void heavy_barrier() noexcept;

class biased_lock {
 public:
  /// Only from the owner: place::has_biased, and one lock for each number.
  [[nodiscard]] bool try_lock() noexcept {
    if (held_.load(std::memory_order_acquire) || revoked_.load(std::memory_order_relaxed)) return false;
    held_.store(true, std::memory_order_relaxed);
    std::atomic_signal_fence(std::memory_order_seq_cst);  // B2: all of a light barrier, where has_biased is true
    if (!revoked_.load(std::memory_order_relaxed)) [[likely]]
      return true;
    unlock();
    return false;
  }
  void unlock() noexcept { held_.store(false, std::memory_order_release); }

  /// Takes it away from the owner for ever, one caller at a time. False: the owner is still busy, ask again later.
  [[nodiscard]] bool revoke() noexcept {
    if (!revoked_.load(std::memory_order_relaxed)) {
      revoked_.store(true, std::memory_order_relaxed);
      heavy_barrier();
    }
    return !held_.load(std::memory_order_acquire);
  }

 private:
  std::atomic<bool> held_{false};  // written by the owner
  std::atomic<bool> revoked_{false};
};

}  // namespace goro::detail
