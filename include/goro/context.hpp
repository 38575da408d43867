// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstddef>
#include <exception>
#include <iosfwd>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include <goro/chan.hpp>
#include <goro/detail/owned.hpp>
#include <goro/detail/ref.hpp>
#include <goro/detail/std_parts.hpp>
#include <goro/detail/type_name.hpp>
#include <goro/go.hpp>
#include <goro/time.hpp>

namespace goro {

/// Why a context is done.
enum class context_errc {
  canceled = 1,       ///< "context canceled"; equal to std::errc::operation_canceled
  deadline_exceeded,  ///< "context deadline exceeded"; equal to std::errc::timed_out
};
[[nodiscard]] std::error_code make_error_code(context_errc e) noexcept;

}  // namespace goro

template <>
struct std::is_error_code_enum<goro::context_errc> : std::true_type {};

namespace goro {

class context;
struct context_base;

/// What a value in a context is found by: the key's identity, not its name. Give keys static storage. A key without a
/// name is Go's nil key.
template <class T>
class context_key {
 public:
  constexpr context_key() noexcept = default;
  constexpr explicit context_key(const char* name) noexcept : name_(name) {}
  context_key(const context_key&) = delete;
  context_key& operator=(const context_key&) = delete;
  [[nodiscard]] constexpr const char* name() const noexcept { return name_; }

 private:
  const char* name_ = nullptr;
};

/// What a context is cancelled for, beyond its err(): an exception or an error code, which becomes a std::system_error.
class context_cause {
 public:
  context_cause() = default;
  context_cause(std::exception_ptr exception) noexcept : exception_(std::move(exception)) {}
  context_cause(std::error_code code) : exception_(code ? std::make_exception_ptr(std::system_error(code)) : nullptr) {}
  template <class E>
    requires std::is_error_code_enum_v<E>
  context_cause(E e) : context_cause(make_error_code(e)) {}
  [[nodiscard]] const std::exception_ptr& exception() const noexcept { return exception_; }

 private:
  std::exception_ptr exception_;
};

namespace detail {

class context_node;
class cancel_node;
class after_func_node;

/// One of the copies of a cancel function. The last one to go cancels.
class cancel_handle {
 public:
  cancel_handle() = default;
  explicit cancel_handle(cancel_node* adopted) noexcept : node_(adopted) {}
  cancel_handle(const cancel_handle& other) noexcept;
  cancel_handle(cancel_handle&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  cancel_handle& operator=(cancel_handle other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~cancel_handle();

  explicit operator bool() const noexcept { return node_ != nullptr; }

 protected:
  void cancel(context_cause cause) const;

 private:
  cancel_node* node_ = nullptr;
};

}  // namespace detail

/// Cancels a context: from anywhere, any number of times; also when its last copy goes out of scope. All library
/// contexts below it are done when it returns; it does not wait for the work to stop.
class cancel_func : public detail::cancel_handle {
 public:
  using cancel_handle::cancel_handle;
  void operator()() const { cancel({}); }
};

/// The same with a cause. The first call decides; an empty cause is context_errc::canceled.
class cancel_cause_func : public detail::cancel_handle {
 public:
  using cancel_handle::cancel_handle;
  void operator()(context_cause cause = {}) const { cancel(std::move(cause)); }
};

/// What context::after_func() returns: a copyable callable. Dropping it does not stop anything.
class stop_func {
 public:
  /// Stops nothing.
  stop_func() noexcept;
  explicit stop_func(detail::ref<detail::after_func_node> node);
  stop_func(const stop_func&) noexcept;
  stop_func(stop_func&&) noexcept;
  stop_func& operator=(stop_func other) noexcept;
  ~stop_func();
  /// True: the function will never run, and what it captured is destroyed. False: it has been started, or was stopped
  /// before. Does not wait for it.
  bool operator()() const;

 private:
  detail::ref<detail::after_func_node> node_;
};

/// Carries a deadline, a cancellation and values through the calls that serve one task. A cheap reference, copied
/// freely; the default-constructed one is nil, and using it panics. All functions may be called concurrently.
///
///   auto [ctx, cancel] = goro::context::with_timeout(parent, 2s);
///   switch (goro::select(goro::recv(answers, answer), goro::recv(ctx.done()))) { ... }
///
/// Panics:    "cannot create context from nil parent" from every with_...().
/// Ordering:  the cancel call happens before whatever sees done() closed; err() and cause() are set then.
class context {
 public:
  context() = default;
  /// Done when the token's stop is requested.
  explicit context(std::stop_token token);
  /// A context of the user's own kind.
  context(std::shared_ptr<context_base> own);

  /// Never done, without values: the root of all contexts.
  [[nodiscard]] static context background();
  /// The same, where it is not clear yet which context is to be used.
  [[nodiscard]] static context todo();

  [[nodiscard]] static std::pair<context, cancel_func> with_cancel(const context& parent);
  [[nodiscard]] static std::pair<context, cancel_cause_func> with_cancel_cause(const context& parent);

  /// Done at `when` at the latest; the parent's deadline counts if it is earlier.
  [[nodiscard]] static std::pair<context, cancel_func> with_deadline(const context& parent, clock::time_point when) {
    return with_deadline_cause(parent, when, {});
  }
  /// `cause` is the cause if the deadline passes, not if it is cancelled before.
  [[nodiscard]] static std::pair<context, cancel_func> with_deadline_cause(const context& parent,
                                                                           clock::time_point when, context_cause cause);
  template <class Rep, class Period>
  [[nodiscard]] static std::pair<context, cancel_func> with_timeout(const context& parent,
                                                                    std::chrono::duration<Rep, Period> d) {
    return with_deadline_cause(parent, from_now(detail::saturate(d)), {});
  }
  template <class Rep, class Period>
  [[nodiscard]] static std::pair<context, cancel_func> with_timeout_cause(const context& parent,
                                                                          std::chrono::duration<Rep, Period> d,
                                                                          context_cause cause) {
    return with_deadline_cause(parent, from_now(detail::saturate(d)), std::move(cause));
  }

  /// Panics "nil key" for a key without a name.
  template <class T>
  [[nodiscard]] static context with_value(const context& parent, const context_key<T>& key,
                                          std::type_identity_t<T> value);

  /// The parent's values only: never done, whatever happens to the parent.
  [[nodiscard]] static context without_cancel(const context& parent);

  /// Calls f in a goroutine of its own once ctx is done, at once if it is done already.
  template <class F>
  static stop_func after_func(const context& ctx, F&& f) {
    if (detail::is_empty_function<std::decay_t<F>>(f)) detail::go_of_nil_func();
    return after_owned_func(ctx, std::forward<F>(f));
  }

  explicit operator bool() const noexcept { return bool(node_); }
  friend bool operator==(const context& a, const context& b) noexcept { return a.node_.get() == b.node_.get(); }

  /// Closed when the context is done; nil if it can never be.
  [[nodiscard]] recv_chan<void> done() const;
  /// No error until done() is closed, then for ever context_errc::canceled or context_errc::deadline_exceeded.
  [[nodiscard]] std::error_code err() const;
  /// Null until done; then what it was cancelled for: the cause that was given, or a std::system_error with err().
  [[nodiscard]] std::exception_ptr cause() const;
  /// When it will be done at the latest.
  [[nodiscard]] std::optional<clock::time_point> deadline() const;
  /// The nearest value for the key, upwards; null if there is none. Lives as long as a context that has it.
  template <class T>
  [[nodiscard]] const T* value(const context_key<T>& key) const {
    return static_cast<const T*>(find_value(&key));
  }

  /// A token whose stop is requested when the context is done.
  explicit operator std::stop_token() const;

  /// Prints it as Go does: "context.Background.WithCancel".
  template <class Traits>
  friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const context& ctx) {
    return out << ctx.describe();
  }

 private:
  friend class detail::context_node;
  friend class detail::cancel_node;
  explicit context(detail::ref<detail::context_node> node) noexcept;
  [[nodiscard]] static clock::time_point from_now(std::chrono::nanoseconds d) noexcept;
  static stop_func after_owned_func(const context& ctx, detail::owned_function f);
  [[nodiscard]] const void* find_value(const void* key) const;
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] detail::context_node& node() const;  // panics if nil

  detail::ref<detail::context_node> node_;
};

/// The base of contexts of the user's own: context(std::make_shared<my_context>(...)). A library context made from one is
/// done when it is; its cause() is that of the nearest library context inside, else its err().
struct context_base {
  virtual ~context_base() = default;
  [[nodiscard]] virtual recv_chan<void> done() const = 0;
  [[nodiscard]] virtual std::error_code err() const = 0;
  [[nodiscard]] virtual std::optional<clock::time_point> deadline() const {
    return inner() ? inner().deadline() : std::nullopt;
  }
  /// Where values and causes come from; nil: there are none.
  [[nodiscard]] virtual context inner() const { return {}; }
  /// Arranges for the function to be called when this is done, and returns what stops that. Empty: not offered, a
  /// goroutine waits for done() instead.
  virtual std::function<bool()> after_func(std::function<void()>) { return {}; }
};

namespace detail {

/// A context: what the class `context` refers to. Chains of them may be longer than a goroutine's stack is deep, so
/// nothing here calls its parent's function of the same name.
class context_node : public ref_counted {
 public:
  explicit context_node(context parent = {}) : parent_(std::move(parent)) {}
  explicit context_node(immortal forever) : ref_counted(forever) {}

  [[nodiscard]] virtual recv_chan<void> done() { return {}; }
  [[nodiscard]] virtual std::error_code err() { return {}; }
  [[nodiscard]] virtual std::exception_ptr cause() { return nullptr; }
  [[nodiscard]] virtual std::optional<clock::time_point> deadline() { return std::nullopt; }
  /// The value, unless it is the parent's.
  [[nodiscard]] virtual const void* own_value(const void*) { return nullptr; }
  /// What it adds to the parent's description.
  [[nodiscard]] virtual std::string own_description() = 0;
  /// The library context that ends at the same time as this one, to be hooked into; null if there is none.
  [[nodiscard]] virtual cancel_node* canceller() { return nullptr; }
  /// A user's own context that this one ends with; null if there is none.
  [[nodiscard]] virtual context_base* foreign() { return nullptr; }
  /// The nearest one, from this upwards, that does more than hold a value.
  [[nodiscard]] virtual context_node& nearest() { return *this; }

  [[nodiscard]] const context& parent() const noexcept { return parent_; }
  [[nodiscard]] static context_node& of(const context& ctx) { return ctx.node(); }
  [[nodiscard]] static context wrap(ref<context_node> node) { return context(std::move(node)); }
  static void check_parent(const context& parent);

 protected:
  void dispose() noexcept final;

 private:
  context parent_;
};

/// Ends with its parent.
class value_node_base : public context_node {
 public:
  explicit value_node_base(const context& above) : context_node(above), nearest_(of(above).nearest()) {}
  recv_chan<void> done() override { return nearest_.done(); }
  std::error_code err() override { return nearest_.err(); }
  std::exception_ptr cause() override { return nearest_.cause(); }
  std::optional<clock::time_point> deadline() override { return nearest_.deadline(); }
  cancel_node* canceller() override { return nearest_.canceller(); }
  context_base* foreign() override { return nearest_.foreign(); }
  context_node& nearest() override { return nearest_; }

 private:
  context_node& nearest_;  // kept by the chain of parents
};

[[noreturn]] void throw_nil_key();

template <class T>
class value_node final : public value_node_base {
 public:
  value_node(const context& above, const context_key<T>& key, T value)
      : value_node_base(above), key_(key), value_(std::move(value)) {}
  const void* own_value(const void* key) override { return key == &key_ ? std::addressof(value_) : nullptr; }
  std::string own_description() override {
    return std::string(".WithValue(") + key_.name() + ", " + describe_value() + ")";
  }

 private:
  std::string describe_value() const {
    if constexpr (std::is_convertible_v<const T&, std::string_view>) {
      return std::string(std::string_view(value_));
    } else {
      return goro::type_name<T>();
    }
  }
  const context_key<T>& key_;
  const T value_;
};

}  // namespace detail

template <class T>
context context::with_value(const context& parent, const context_key<T>& key, std::type_identity_t<T> value) {
  detail::context_node::check_parent(parent);
  if (key.name() == nullptr) detail::throw_nil_key();
  return detail::context_node::wrap(
      detail::ref<detail::context_node>(new detail::value_node<T>(parent, key, std::move(value))));
}

}  // namespace goro
