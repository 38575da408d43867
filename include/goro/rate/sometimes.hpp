// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include <goro/rate/limiter.hpp>
#include <goro/sync/mutex.hpp>
#include <goro/time.hpp>

namespace goro {

/// Which calls sometimes lets through. Each member adds some; one that is not positive adds none.
struct sometimes_options {
  std::int64_t first = 0;               ///< the first so many
  std::int64_t every = 0;               ///< each so-many-th, beginning with the first
  std::chrono::nanoseconds interval{};  ///< one if the last that went through ended so long ago
};

/// Runs some of the calls and drops the others: for logs and the like. The first one always runs; without options, only
/// the first one.
///
///   goro::sometimes complain{{.first = 3, .interval = 10s}};
///   complain.call([&] { std::cerr << "still no answer\n"; });
///
/// Blocks:    call() while another is in the function; from within it for ever.
/// Panics:    what the function throws reaches its caller; the call does not count.
/// Ordering:  a call() happens before the ones that come after it.
/// Lifetime:  must outlive every call on it; not movable.
class sometimes {
 public:
  sometimes() = default;
  explicit sometimes(const sometimes_options& which) noexcept : which_(which) {}
  sometimes(const sometimes&) = delete;
  sometimes& operator=(const sometimes&) = delete;

  template <class F>
  void call(F&& f) {
    run(std::nullopt, f);
  }
  /// The same if the time is t.
  template <class F>
  void call(clock::time_point t, F&& f) {
    run(t, f);
  }

 private:
  template <class F>
  void run(std::optional<clock::time_point> t, F& f) {
    const detail::mutex_guard hold(mu_);
    if (is_due(t)) {
      static_cast<void>(f());
      if (which_.interval.count() > 0) last_ = t ? *t : clock::now();
    }
    ++count_;
  }
  [[nodiscard]] bool is_due(std::optional<clock::time_point> t) const noexcept {
    if (count_ == 0 || count_ < which_.first || (which_.every > 0 && count_ % which_.every == 0)) return true;
    return which_.interval.count() > 0 && detail::later(last_, which_.interval) <= (t ? *t : clock::now());
  }

  const sometimes_options which_;
  mutex mu_;
  std::int64_t count_ = 0;  // guarded by mu_
  clock::time_point last_{};  // guarded by mu_
};

}  // namespace goro
