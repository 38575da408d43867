// SPDX-License-Identifier: BSL-1.0
// A processor's busy period: from when it finds something to run, having had nothing, until it has nothing again.
//
// Help from an idle processor costs the one who sends for it a few microseconds, and takes tens of them to arrive. Where
// timers and messages come one by one, whatever there was to do has been done by then, each time. So a processor whose
// busy periods have been short of late sends for nobody while the next one is young (R4 in ready.cpp).
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "os/clock.hpp"

namespace goro::runtime {

/// The processor's owner calls; what others may, says so.
class busy_period {
 public:
  static constexpr std::int64_t short_one = 100 * microsecond;

  /// Something was found. Goes on with the one that has begun, if one has.
  void begin() noexcept {
    if (has_begun()) return;
    const std::int64_t now = now_ns();
    begun_.store(now, std::memory_order_relaxed);
    expected_to_be_short_ = usual_ <= short_one;
  }
  /// There is nothing left. One long one counts for many short ones: to be late with help is worse than to send for it
  /// in vain.
  void end() noexcept {
    if (!has_begun()) return;
    const std::int64_t length = std::min(now_ns() - begun_.load(std::memory_order_relaxed), 4 * short_one);
    usual_ = std::max(length, usual_ - (usual_ - length) / 16);
    forget();
  }
  /// It has ended in another way, and its length says nothing.
  void forget() noexcept {
    begun_.store(0, std::memory_order_relaxed);
    expected_to_be_short_ = false;
    sent_for_nobody_.store(false, std::memory_order_relaxed);
  }

  /// From now on it is worth help, however young.
  void expect_long() noexcept { expected_to_be_short_ = false; }
  [[nodiscard]] bool is_young(due_clock& clock) const noexcept {
    const std::int64_t end = begun_.load(std::memory_order_relaxed) + short_one;
    return clock.as_far_as(end) < end;
  }
  /// Whether it is expected to be short, so that help would come too late while it is young.
  [[nodiscard]] bool is_expected_to_be_short() const noexcept { return expected_to_be_short_; }
  /// Nobody was sent for.
  void does_without_help() noexcept { sent_for_nobody_.store(true, std::memory_order_relaxed); }
  /// Any thread. Also one that nobody has seen begin.
  [[nodiscard]] bool is_old(std::int64_t now) const noexcept {
    return now - begun_.load(std::memory_order_relaxed) > short_one;
  }
  /// Any thread. Whether it did without help and is not over yet, against expectation.
  [[nodiscard]] bool is_without_help(std::int64_t now) const noexcept {
    return sent_for_nobody_.load(std::memory_order_relaxed) && is_old(now);
  }
  /// Any thread.
  void help_is_sent_for() noexcept { sent_for_nobody_.store(false, std::memory_order_relaxed); }

 private:
  [[nodiscard]] bool has_begun() const noexcept { return begun_.load(std::memory_order_relaxed) != 0; }

  std::int64_t usual_ = 4 * short_one;  // how long they are
  bool expected_to_be_short_ = false;
  std::atomic<std::int64_t> begun_{0};  // 0: it has not
  std::atomic<bool> sent_for_nobody_{false};
};

}  // namespace goro::runtime
