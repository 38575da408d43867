// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <system_error>

#include <goro/chan.hpp>
#include <goro/detail/spin_lock.hpp>

namespace goro {

class context;

namespace detail {
struct semaphore_waiter;
}

/// A number of tokens that are acquired and released several at a time.
///
/// Blocks:    acquire() until there are enough tokens and nobody waits before it: first come, first served, also if a
///            later one needs fewer. One that asks for more than there are at all waits for its context, or for ever,
///            without holding up the others.
/// Panics:    "semaphore: released more than held" from release(); a negative number of tokens.
/// Ordering:  a release() happens before the return of each acquire() that it lets through.
/// Lifetime:  not movable. Destroyed while somebody waits: fatal error "semaphore: destroyed while goroutines wait",
///            unless the process exits.
class semaphore {
 public:
  /// Panics if `tokens` is negative.
  explicit semaphore(std::int64_t tokens);
  semaphore(const semaphore&) = delete;
  semaphore& operator=(const semaphore&) = delete;
  ~semaphore() { check_unused(); }

  void acquire(std::int64_t n = 1);
  /// The context's error if it is done first, also if tokens are free: then nothing was acquired.
  [[nodiscard]] std::error_code acquire(const context& ctx, std::int64_t n = 1);
  /// Takes the tokens if they are there and nobody waits. Never blocks.
  [[nodiscard]] bool try_acquire(std::int64_t n = 1);
  void release(std::int64_t n = 1);

 private:
  /// If the tokens are there and nobody waits.
  bool take(std::int64_t n) noexcept;
  std::error_code wait(const context& ctx, std::int64_t n);
  void wake_those_who_fit();
  [[nodiscard]] chan<void> grant_first();
  detail::semaphore_waiter* first_waiter() noexcept;
  void check_unused();

  const std::int64_t size_;
  detail::spin_lock lock_;                     // held for a few instructions, never during a runtime call
  std::int64_t held_ = 0;                      // guarded by lock_, as all below
  detail::semaphore_waiter* first_ = nullptr;  // the longest waiting
  detail::semaphore_waiter* last_ = nullptr;
};

}  // namespace goro
