// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>
#include <utility>

#include <goro/detail/spin_lock.hpp>
#include <goro/go.hpp>

namespace goro {
namespace detail {
struct sleeper;

/// What a wait_group does, without the cache line.
class wait_counter {
 public:
  constexpr wait_counter() noexcept = default;
  explicit constexpr wait_counter(std::uint32_t count) noexcept : state_(std::uint64_t{count} << 32) {}
  wait_counter(const wait_counter&) = delete;
  wait_counter& operator=(const wait_counter&) = delete;
  ~wait_counter() {
    if (static_cast<std::uint32_t>(state_.load(std::memory_order_relaxed)) != 0) [[unlikely]]
      check_unused();
  }

  void add(int n) {
    const std::uint64_t delta = static_cast<std::uint64_t>(static_cast<std::int64_t>(n)) << 32;
    const std::uint64_t now = state_.fetch_add(delta, std::memory_order_acq_rel) + delta;
    const auto counter = static_cast<std::int32_t>(now >> 32);
    if (counter < 0 || (static_cast<std::uint32_t>(now) != 0 && (counter == 0 || counter == n))) [[unlikely]]
      add_slow(now, n);
  }
  void done() { add(-1); }
  void wait();

 private:
  void add_slow(std::uint64_t now, int n);
  void check_unused();

  // High half: the counter. Low half: the number of waiters. One word, so that "the counter became zero" and "who
  // is to be woken" are one decision.
  std::atomic<std::uint64_t> state_{0};
  spin_lock lock_;
  sleeper* waiters_ = nullptr;  // guarded by lock_
};

}  // namespace detail

/// Waits for a collection of goroutines to end. Call add() before the goroutine it counts can run.
///
/// Panics:    "sync: negative WaitGroup counter" from add() and done(); "sync: WaitGroup misuse: Add called
///            concurrently with Wait" and "sync: WaitGroup is reused before previous Wait has returned" if seen.
/// Blocks:    wait() until the counter is zero; add() and done() never.
/// Ordering:  a done() happens before the return of every wait() that it unblocks.
/// Lifetime:  may be destroyed as soon as every wait() has returned; not movable. Destroyed while somebody waits: fatal error
///            "sync: WaitGroup destroyed while goroutines wait", unless the process exits.
class wait_group {
 public:
  constexpr wait_group() noexcept = default;
  wait_group(const wait_group&) = delete;
  wait_group& operator=(const wait_group&) = delete;

  void add(int n = 1) { counter_.add(n); }
  void done() { counter_.done(); }
  void wait() { counter_.wait(); }

  /// add(), f in a new goroutine, done() when it has ended, also by goexit(); not when f panics: then the process is
  /// dying and wait() must not return meanwhile.
  template <class F>
  [[gnu::always_inline]] void go(F&& f) {
    add();
    try {
      goro::go([this, f = std::forward<F>(f)]() mutable {
        const finisher finish{*this};
        static_cast<void>(std::move(f)());
      });
    } catch (...) {
      done();
      throw;
    }
  }

 private:
  struct finisher {
    wait_group& group;
    ~finisher() { group.finish(); }
  };
  void finish();

  // A group is most often a local of the one who spawns, and others count it down: a line of its own, or every call that
  // the spawner makes would write to the line that they wait for.
  alignas(64) detail::wait_counter counter_;
};

}  // namespace goro
