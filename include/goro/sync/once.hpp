// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <goro/detail/ref.hpp>
#include <goro/go.hpp>
#include <goro/panic.hpp>
#include <goro/sync/mutex.hpp>

namespace goro {

/// Runs a function once, whoever comes first.
///
/// Blocks:    call() until the one call has returned; from within that call for ever.
/// Panics:    what the function throws reaches its caller; it counts as called, and later calls return at once.
/// Ordering:  the return of the function happens before the return of every call().
class once {
 public:
  constexpr once() noexcept = default;
  once(const once&) = delete;
  once& operator=(const once&) = delete;

  template <class F>
  void call(F&& f) {
    if (done_.load(std::memory_order_acquire)) [[likely]]
      return;
    mu_.lock();
    const struct finisher {
      once& self;
      bool first;
      ~finisher() {
        if (first) self.done_.store(true, std::memory_order_release);
        self.mu_.unlock();
      }
    } finish{*this, !done_.load(std::memory_order_relaxed)};
    if (finish.first) static_cast<void>(std::forward<F>(f)());
  }

 private:
  std::atomic<bool> done_{false};
  mutex mu_;
};

namespace detail {

template <class F>
class once_value_state final : public ref_counted {
 public:
  using result = std::invoke_result_t<F&>;

  explicit once_value_state(F f) : f_(std::move(f)) {}

  const auto& get() {
    once_.call([this] { run(); });
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
    if (!result_) throw_panic("goro::once_value: the function called goexit");
    return *result_;
  }

 private:
  void run() {
    struct releaser {
      std::optional<F>& f;
      ~releaser() { f.reset(); }
    } release{f_};
    try {
      if constexpr (std::is_void_v<result>) {
        (*f_)();
        result_.emplace();
      } else {
        result_.emplace((*f_)());
      }
    } catch (...) {
      thrown_ = caught_exception();
    }
  }

  once once_;
  std::optional<F> f_;
  std::optional<std::conditional_t<std::is_void_v<result>, std::monostate, std::remove_cvref_t<result>>> result_;
  std::exception_ptr thrown_;
};

}  // namespace detail

/// What once_value() returns: a copyable callable; copies share the one result.
template <class F>
class once_value_function {
 public:
  explicit once_value_function(F f) : state_(new detail::once_value_state<F>(std::move(f))) {}

  /// The result of the one call, as a reference that is good as long as a copy of this object is; void for void.
  decltype(auto) operator()() const {
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
      static_cast<void>(state_->get());
    } else {
      return state_->get();
    }
  }

 private:
  detail::ref<detail::once_value_state<F>> state_;
};

/// A function that calls f at its first call, and gives that result, or rethrows that exception, at every call. f is
/// destroyed after its call. Later calls allocate nothing.
template <class F>
  requires std::is_invocable_v<std::decay_t<F>&>
[[nodiscard]] once_value_function<std::decay_t<F>> once_value(F&& f) {
  if (detail::is_empty_function<std::decay_t<F>>(f)) detail::go_of_nil_func();
  return once_value_function<std::decay_t<F>>(std::forward<F>(f));
}

}  // namespace goro
