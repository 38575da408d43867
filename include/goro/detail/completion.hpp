// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>
#include <system_error>

#include <goro/chan.hpp>
#include <goro/detail/ref.hpp>
#include <goro/detail/spin_lock.hpp>
#include <goro/sync/wait_group.hpp>

namespace goro {

class context;

namespace detail {

/// Something that happens once, and that many may wait for. What was written before finish() is seen after any wait.
class completion : public ref_counted {
 public:
  void finish();

  [[nodiscard]] bool is_finished() const noexcept { return (state_.load(std::memory_order_acquire) & finished) != 0; }
  void wait() {
    if (!is_finished()) running_.wait();
  }
  /// The context's error if that is done first.
  [[nodiscard]] std::error_code wait(const context& ctx);
  /// Closed by finish(). Made when it is asked for.
  [[nodiscard]] recv_chan<void> done();

 private:
  static constexpr std::uint8_t finished = 1;
  static constexpr std::uint8_t has_channel = 2;

  std::atomic<std::uint8_t> state_{0};
  spin_lock lock_;
  chan<void> done_;  // written under lock_, once, before has_channel
  wait_counter running_{1};
};

}  // namespace detail
}  // namespace goro
