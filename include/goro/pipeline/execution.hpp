// SPDX-License-Identifier: BSL-1.0
// What runs a pipeline. Elements go down through channels, and so does the end: a stage closes what it sends on. That
// they are not wanted any more goes up: through contexts, which wake the sources; and nobody is stuck in a send, for who
// leaves a channel receives until it is closed. So each stage ends after all above it, and needs no select.
//
//   scope      a context: done when what is made under it is not wanted any more. take() makes one for those above it, a
//              child of its own; the outermost one belongs to the execution.
//   output     a sender's reference to a channel: the last to go closes it.
//   input      the receiver's: does not go before the channel is closed.
#pragma once

#include <atomic>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/detail/maybe.hpp>
#include <goro/detail/ref.hpp>
#include <goro/go.hpp>
#include <goro/panic.hpp>
#include <goro/sync/mutex.hpp>
#include <goro/sync/wait_group.hpp>

namespace goro::pipeline::detail {

using goro::detail::caught_error;
using goro::detail::ref;
using goro::detail::throw_panic;

[[noreturn]] void refuse_empty_function(const char* stage);
[[noreturn]] void refuse_number(const char* stage, std::ptrdiff_t n, const char* of_what, int least);
[[noreturn]] void refuse_used_source();
[[noreturn]] void refuse_context_of_branch();

template <class F>
void check_function(const char* stage, const F& f) {
  if (goro::detail::is_empty_function(f)) refuse_empty_function(stage);
}
inline void check_number(const char* stage, std::ptrdiff_t n, const char* of_what, int least) {
  if (n < least) [[unlikely]]
    refuse_number(stage, n, of_what, least);
}

template <class T>
constexpr void check_element() {
  static_assert(std::is_object_v<T> && !std::is_const_v<T> && !std::is_array_v<T>,
                "goro::pipeline: an element must be a value: neither void, nor const, nor an array");
  static_assert(
      std::is_nothrow_move_constructible_v<T>,
      "goro::pipeline: an element must have a nothrow move constructor (pass a std::unique_ptr if it has none)");
}

/// A stage's function is called with the context of its part of the pipeline if it takes one.
template <class F, class... Args>
inline constexpr bool callable = std::is_invocable_v<F&, Args...> || std::is_invocable_v<F&, const context&, Args...>;

template <class F, class... Args>
decltype(auto) call(F& f, const context& scope, Args&&... args) {
  if constexpr (std::is_invocable_v<F&, Args...>) {
    return std::invoke(f, std::forward<Args>(args)...);
  } else {
    return std::invoke(f, scope, std::forward<Args>(args)...);
  }
}

/// One run of a pipeline: its goroutines, and what it ends with.
class execution {
 public:
  explicit execution(const context& parent);
  execution(const execution&) = delete;
  execution& operator=(const execution&) = delete;
  /// Cancels and joins.
  ~execution();

  /// Done as soon as nobody wants the result.
  [[nodiscard]] const context& ctx() const noexcept { return ctx_; }
  /// Of the goroutine that waits for the result; the others are stages.
  [[nodiscard]] bool is_home() const noexcept { return goid() == home_; }

  /// Calls body() in a new goroutine, which destroys it before it counts as ended: not if it panics, for then the process
  /// ends, and nobody shall take it for the end of a stage.
  template <class Body>
  void go(const context& scope, Body body) {
    group_.go([this, scope, body = std::move(body)]() mutable {
      goro::detail::maybe<Body> mine;
      ::new (static_cast<void*>(std::addressof(mine.value))) Body(std::move(body));
      struct ender {
        execution& self;
        const context& of;
        Body& body;
        bool returned = false;
        bool dying = false;
        ~ender() {
          if (dying) return;
          if (!returned) self.exit(of);
          body.~Body();
        }
      } at_end{*this, scope, mine.value};
      try {
        mine.value();
      } catch (const panic&) {
        at_end.dying = true;
        throw;
      } catch (...) {
        fail(scope, caught_error());
      }
      at_end.returned = true;
    });
  }
  /// For goroutines that others start.
  void add() { group_.add(); }
  void done() { group_.done(); }

  /// An exception of a stage in this scope. It counts if it is the first, and was wanted.
  void fail(const context& scope, std::exception_ptr thrown);
  /// A stage in this scope called goexit().
  void exit(const context& scope);
  /// Who receives goes without any of these: an exception or goexit() is on its way.
  void abandon();
  void cancel() { cancel_(); }
  /// Whether it goes on; if not, elements are lost.
  [[nodiscard]] bool wants(const context& scope) {
    if (!scope.err()) [[likely]]
      return true;
    cut_short();
    return false;
  }

  /// Waits for all goroutines, and throws what there is to be thrown.
  void finish();

 private:
  void cut_short();

  const context parent_;
  context ctx_;
  cancel_func cancel_;
  const std::uint64_t home_ = goid();
  wait_group group_;
  std::atomic<bool> cut_short_{false};  // by parent_, perhaps
  std::atomic<bool> exited_{false};
  std::atomic<bool> abandoned_{false};
  mutex mu_;
  std::exception_ptr first_;  // guarded by mu_
};

/// The sending side of a channel between stages. Copies share it; the last one closes it.
template <class T>
class output {
 public:
  output() = default;
  explicit output(chan<T> ch) : link_(new link(std::move(ch))) {}

  void send(T&& x) const { link_->ch.send(std::move(x)); }
  void close() { link_ = {}; }
  [[nodiscard]] recv_chan<T> channel() const { return link_->ch; }

 private:
  struct link final : goro::detail::ref_counted {
    explicit link(chan<T> c) noexcept : ch(std::move(c)) {}
    ~link() override { ch.close(); }
    const chan<T> ch;
  };
  ref<link> link_;
};

/// The receiving side. Where several share a channel, each has one.
template <class T>
class input {
 public:
  input(execution& e, const context& scope, recv_chan<T> from) : e_(&e), scope_(scope), from_(std::move(from)) {}
  input(const input&) = delete;
  input(input&& other) noexcept = default;
  input& operator=(input&&) = delete;
  ~input() { leave(); }

  /// Nothing: there is no more, or it is not wanted.
  [[nodiscard]] std::optional<T> get() {
    if (from_ == nullptr) return std::nullopt;
    std::optional<T> x = from_.recv();
    if (!x) {
      from_ = {};
    } else if (!e_->wants(scope_)) {
      x.reset();
    }
    return x;
  }
  void leave() {
    if (from_ == nullptr) return;
    if (!scope_.err()) e_->abandon();
    while (from_.recv()) {
    }
    from_ = {};
  }
  void forget() noexcept { from_ = {}; }
  [[nodiscard]] input another() const { return input(*e_, scope_, from_); }

 private:
  execution* e_;
  context scope_;
  recv_chan<T> from_;
};

}  // namespace goro::pipeline::detail
