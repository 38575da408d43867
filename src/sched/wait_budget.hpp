// SPDX-License-Identifier: BSL-1.0
// What waiting for timers may take.
//
// The kernel wakes a thread late, and takes processor time for it: on a virtual machine tens of microseconds of either.
// Who waits goes by how late it has been of late, is woken that much earlier and spins for the rest; what is due before it
// could sleep and wake, it spins for altogether. But waiting is not to take more than a quarter of the time, and where many
// timers fire between two waits, an eighth, but for a millisecond in which it may: when timers are due one upon the
// other, they wait until what the wait before has taken is earned, and those that became due meanwhile run together.
//
// One thread at a time waits for timers (idle.cpp), not always the same.
// Tested by: unit/wait_budget_test.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "os/clock.hpp"

namespace goro::runtime {

class wait_budget {
 public:
  static constexpr std::int64_t in_advance = millisecond;
  static constexpr std::int64_t many = 16;  // timers between two waits
  static constexpr std::int64_t most = 60 * microsecond;  // longer is another's doing: of who had the processor instead
  static constexpr std::int64_t first_price = 5 * microsecond;

  /// For what is due then, the wait ends then, or when it is earned.
  [[nodiscard]] std::int64_t end_for(std::int64_t due) const noexcept {
    return std::max(due, earned_at_.load(std::memory_order_relaxed));
  }
  [[nodiscard]] bool is_worth_a_sleep(std::int64_t wait) const noexcept { return wait > price_.get(); }
  /// When the kernel is to wake us for it.
  [[nodiscard]] std::int64_t wake_time(std::int64_t end, std::int64_t now) const noexcept {
    return end - now > 4 * lateness_.get() ? end - lateness_.get() : end;
  }

  /// A sleep took so much processor time, and ended so late. Returns what it costs.
  std::int64_t price_of_sleep(std::int64_t took, std::int64_t late) noexcept {
    const std::int64_t price = std::min(took, most);
    price_.add(price);
    lateness_.add(std::min(late, most));
    return price;
  }
  /// Of none: to come to wait and go again.
  [[nodiscard]] std::int64_t price_of_no_sleep() const noexcept { return price_.get(); }
  [[nodiscard]] static std::int64_t price_of_spin(std::int64_t took) noexcept { return std::min(took, most); }

  /// The wait ends. `fired`: the number of timers that have, from the program's beginning.
  void pay(std::int64_t price, std::int64_t now, std::int64_t fired) noexcept {
    const std::int64_t times = fired - fired_before_.exchange(fired, std::memory_order_relaxed) < many ? 4 : 8;
    earned_at_.store(std::max(earned_at_.load(std::memory_order_relaxed), now - in_advance) + times * price,
                     std::memory_order_relaxed);
  }

 private:
  class moving_average {
   public:
    explicit constexpr moving_average(std::int64_t first) noexcept : value_(first) {}
    [[nodiscard]] std::int64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }
    void add(std::int64_t sample) noexcept { value_.store(get() + (sample - get()) / 8, std::memory_order_relaxed); }

   private:
    std::atomic<std::int64_t> value_;
  };

  moving_average lateness_{0};
  moving_average price_{first_price};  // of a sleep, in processor time
  std::atomic<std::int64_t> earned_at_{0};
  std::atomic<std::int64_t> fired_before_{0};
};

}  // namespace goro::runtime
