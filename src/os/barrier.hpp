// SPDX-License-Identifier: BSL-1.0
// The asymmetric barrier. Two threads that each store and then load the other's variable need a full barrier
// between the two on both sides. Where one side is hot and the other rare, the hot one keeps only the compiler from
// reordering (light), and the rare one makes the kernel run a full barrier on every CPU that runs this process
// (heavy). Where the kernel cannot, light() is a full barrier itself.
#pragma once

#include <atomic>
#include <cstdint>

namespace goro::runtime {

struct asymmetric_barrier {
  static void light() noexcept {
    if (full_fence_needed) [[unlikely]]
      full();
    std::atomic_signal_fence(std::memory_order_seq_cst);
  }
  /// light(), if it costs nothing; false: it does, and has not been.
  [[nodiscard]] static bool try_light() noexcept {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    return is_cheap();
  }
  static void heavy() noexcept;
  [[nodiscard]] static std::uint64_t heavy_count() noexcept;  // so far
  /// light() costs nothing.
  [[nodiscard]] static bool is_cheap() noexcept { return !full_fence_needed; }

  /// Once, before the second thread exists.
  static void initialize() noexcept;

 private:
  static void full() noexcept;
  static bool full_fence_needed [[gnu::visibility("hidden")]];
  static std::atomic<std::uint64_t> heavy_count_;
};

}  // namespace goro::runtime
