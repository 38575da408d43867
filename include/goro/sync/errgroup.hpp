// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <exception>
#include <type_traits>
#include <utility>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/go.hpp>
#include <goro/sync/mutex.hpp>
#include <goro/sync/wait_group.hpp>

namespace goro {

/// Goroutines that work on one task: joined together, and the first exception is the task's.
///
///   goro::errgroup group(ctx);
///   for (const auto& url : urls) group.go([&, ctx = group.ctx()] { fetch(ctx, url); });
///   group.wait();
///
/// Blocks:    wait(), and the destructor, until all functions have returned; go() while the limit is reached.
/// Errors:    wait() rethrows the first exception in time. A goro::panic is a bug, not an error: it ends the process.
/// Ordering:  the return of each function happens before the return of wait().
/// Lifetime:  joins in its destructor, where an exception not waited for is dropped; not movable.
class errgroup {
 public:
  errgroup() = default;
  /// ctx() is cancelled with the first exception as its cause, and in any case when wait() returns.
  explicit errgroup(const context& parent);
  errgroup(const errgroup&) = delete;
  errgroup& operator=(const errgroup&) = delete;
  ~errgroup();

  /// The group's context; nil without a parent.
  [[nodiscard]] const context& ctx() const noexcept { return ctx_; }

  template <class F>
  void go(F&& f) {
    if (tokens_ != nullptr) tokens_.send();
    start(std::forward<F>(f));
  }

  /// False if the limit is reached: then f is not called.
  template <class F>
  [[nodiscard]] bool try_go(F&& f) {
    if (tokens_ != nullptr && !tokens_.try_send()) return false;
    start(std::forward<F>(f));
    return true;
  }

  /// At most n functions run at the same time; 0 lets none start, a negative n is no limit. Panics "errgroup: modify
  /// limit while N goroutines in the group are still active".
  void set_limit(std::ptrdiff_t n);

  /// Waits for all functions; rethrows the first exception. The group may be used again then.
  void wait();

 private:
  template <class F>
  void start(F&& f) {
    active_.fetch_add(1, std::memory_order_relaxed);
    try {
      group_.go([this, f = std::forward<F>(f)]() mutable {
        const leaver leave_at_end{*this};
        try {
          static_cast<void>(std::move(f)());
        } catch (...) {
          fail(detail::caught_error());
        }
      });
    } catch (...) {
      leave();
      throw;
    }
  }
  struct leaver {
    errgroup& group;
    ~leaver() { group.leave(); }
  };
  void leave() {
    active_.fetch_sub(1, std::memory_order_relaxed);
    if (tokens_ != nullptr) tokens_.recv();
  }
  void fail(std::exception_ptr thrown);

  wait_group group_;
  std::atomic<std::size_t> active_{0};
  chan<void> tokens_;  // as many as functions run; nil: there is no limit
  context ctx_;
  cancel_cause_func cancel_;
  mutex mu_;
  std::exception_ptr first_;  // guarded by mu_
};

}  // namespace goro
