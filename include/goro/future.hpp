// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <goro/context.hpp>
#include <goro/detail/completion.hpp>
#include <goro/panic.hpp>

namespace goro {

namespace detail {

/// What a function has returned or thrown. Neither of both: it has not ended, or it ended by goexit().
template <class T>
class outcome {
 public:
  outcome() = default;
  explicit outcome(std::exception_ptr thrown) noexcept : thrown_(std::move(thrown)) {}

  /// A goro::panic and goexit() go on.
  template <class F>
  void keep(F&& f) {
    try {
      if constexpr (std::is_void_v<T>) {
        std::forward<F>(f)();
        result_.emplace();
      } else {
        result_.emplace(std::forward<F>(f)());
      }
    } catch (...) {
      thrown_ = caught_error();
    }
  }
  void take_over(outcome&& other) {
    if (other.result_) result_.emplace(*std::move(other.result_));
    thrown_ = std::move(other.thrown_);
  }
  [[nodiscard]] bool returned() const noexcept { return result_.has_value(); }
  [[nodiscard]] const std::exception_ptr& thrown() const noexcept { return thrown_; }

  T take() {
    if (thrown_ != nullptr) std::rethrow_exception(std::move(thrown_));
    if (!result_) throw_panic("goro::future: the function called goexit: there is no result");
    if constexpr (!std::is_void_v<T>) return *std::move(result_);
  }

 private:
  std::optional<std::conditional_t<std::is_void_v<T>, std::monostate, T>> result_;
  std::exception_ptr thrown_;
};

template <class T>
class future_state : public completion {
 public:
  /// Keeps what f returns or throws, and finishes. A goro::panic and goexit() go on.
  template <class F>
  void run(F&& f) {
    const struct finisher {
      future_state& self;
      ~finisher() { self.finish_unless_panicking(); }
    } at_end{*this};
    execute(std::forward<F>(f));
  }
  /// The two steps of run().
  template <class F>
  void execute(F&& f) {
    try {
      outcome_.keep(std::forward<F>(f));
    } catch (const panic&) {
      panicking_ = true;  // the process ends: nobody who waits goes on
      throw;
    }
  }
  void finish_unless_panicking() {
    if (!panicking_) finish();
  }
  /// What the function threw; before it is finished, for then it belongs to the one who waits.
  [[nodiscard]] const std::exception_ptr& thrown() const noexcept { return outcome_.thrown(); }
  void finish_with(outcome<T>&& known) {
    outcome_.take_over(std::move(known));
    finish();
  }
  /// If nobody has begun it, the one who is going to wait may as well run it.
  virtual void run_here() {}
  void fail(std::exception_ptr thrown) { finish_with(outcome<T>(std::move(thrown))); }

  T take() { return outcome_.take(); }

 private:
  outcome<T> outcome_;
  bool panicking_ = false;
};

}  // namespace detail

/// What a function that runs elsewhere will return or throw. To be had once, like that of a std::future.
///
///   goro::future<int> answer = goro::async(compute);
///   int result = answer.get();
///
/// Blocks:    get() and wait() until the function has ended. Goroutines and plain threads alike.
/// Errors:    get() rethrows what the function threw. A goro::panic is a bug, not a result: it ends the process.
/// Panics:    every member but valid(), on one without a result: "goro::future: no result ...".
/// Ordering:  the end of the function happens before the return of get(), wait() and a receive from done().
/// Lifetime:  movable. Its destructor does not wait: the function goes on, and its result is dropped.
template <class T>
class [[nodiscard]] future {
  static_assert(!std::is_reference_v<T>, "goro::future<T>: T must not be a reference (return a pointer)");

 public:
  future() = default;
  future(future&&) noexcept = default;
  future& operator=(future&&) noexcept = default;

  /// Whether there is, or will be, a result to get.
  [[nodiscard]] bool valid() const noexcept { return bool(state_); }
  [[nodiscard]] bool ready() const { return state().is_finished(); }
  void wait() const { state().wait(); }
  /// The context's error if that is done first: the result may be waited for again.
  [[nodiscard]] std::error_code wait(const context& ctx) const { return state().wait(ctx); }
  /// Closed when the result is there: for select.
  [[nodiscard]] recv_chan<void> done() const { return state().done(); }
  /// The result itself: this future is not valid() afterwards.
  T get() {
    if (!state().is_finished()) state().run_here();
    state().wait();
    const detail::ref<detail::future_state<T>> last = std::move(state_);
    return last->take();
  }

  /// For those who make futures: the state to be run or failed once.
  explicit future(detail::ref<detail::future_state<T>> state) noexcept : state_(std::move(state)) {}

 private:
  detail::future_state<T>& state() const {
    if (!state_)
      detail::throw_panic(
          "goro::future: no result: it was taken already, or this is a future that nothing was assigned to");
    return *state_;
  }

  detail::ref<detail::future_state<T>> state_;
};

}  // namespace goro
