// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

#include <goro/chan.hpp>
#include <goro/detail/owned.hpp>
#include <goro/detail/waiter.hpp>

namespace goro {
namespace detail {

// A sink says where a received value goes. place(): where the receive may construct it directly, or null;
// take(v): the value arrived; none(): the channel is closed.

template <class T>
struct discard {
  void take(T&&) const noexcept {}
  void none() const noexcept {}
};
template <>
struct discard<void> {
  void done(bool) const noexcept {}
};

template <class T, class U>
struct assign_to {
  U& x;
  bool* ok = nullptr;
  void take(T&& v) const {
    x = std::move(v);
    if (ok != nullptr) *ok = true;
  }
  void none() const {
    x = T{};
    if (ok != nullptr) *ok = false;
  }
};

template <class T>
struct store_in {
  std::optional<T>& x;
  void take(T&& v) const { x.emplace(std::move(v)); }
  void none() const noexcept { x.reset(); }
};

template <class T, class F>
struct hand_to {
  F f;
  void take(T&& v) { static_cast<void>(f(std::optional<T>(std::move(v)))); }
  void none() { static_cast<void>(f(std::optional<T>())); }
};

struct set_flag {
  bool& ok;
  void done(bool received) const noexcept { ok = received; }
};

template <class F>
struct notify {
  F f;
  void done(bool received) {
    if constexpr (std::invocable<F&, bool>) {
      static_cast<void>(f(received));
    } else {
      static_cast<void>(f());
    }
  }
};

struct no_handler {
  void operator()() const noexcept {}
};

/// A case that owns what it needs, for select(std::span).
struct owned_case {
  explicit owned_case(const channel_handle& ch) : handle(ch) {}
  owned_case(const owned_case&) = delete;
  owned_case& operator=(const owned_case&) = delete;
  virtual ~owned_case() = default;
  virtual void prepare(waiter& w) = 0;
  virtual void finish(bool success) = 0;
  virtual void forget() noexcept {}  // not chosen
  channel_handle handle;
};

template <class T, class Sink>
class receive_into {
 public:
  explicit receive_into(Sink sink) : sink_(std::move(sink)) {}
  void prepare(waiter& w) {
    w.sends = false;
    if constexpr (!std::is_void_v<T>) w.value = std::addressof(room_.value);
  }
  void finish(bool success) {
    if constexpr (std::is_void_v<T>) {
      sink_.done(success);
    } else if (success) {
      struct destroyer {
        maybe<T>& room;
        ~destroyer() { room.value.~T(); }
      } destroy{room_};
      sink_.take(std::move(room_.value));
    } else {
      sink_.none();
    }
  }
  Sink&& release_sink() && { return std::move(sink_); }

 private:
  Sink sink_;
  [[no_unique_address]] maybe<std::conditional_t<std::is_void_v<T>, std::monostate, T>> room_;
};

template <class T, class Sink>
class recv_case : private pinned_case {
 public:
  static constexpr bool is_select_case = true;
  recv_case(channel* c, Sink sink) : c_(c), receive_(std::move(sink)) {}
  channel* target() const noexcept { return c_; }
  const channel* receives_from() const noexcept { return c_; }
  void prepare(waiter& w) { receive_.prepare(w); }
  void finish(bool success) { receive_.finish(success); }

  owner<owned_case> own() {
    struct owned final : owned_case {
      owned(const channel_handle& ch, Sink&& sink) : owned_case(ch), receive(std::move(sink)) {}
      void prepare(waiter& w) override { receive.prepare(w); }
      void finish(bool success) override { receive.finish(success); }
      receive_into<T, Sink> receive;
    };
    retain(c_);
    return owner<owned>(new owned(channel_handle(c_), std::move(receive_).release_sink()));
  }

 private:
  channel* c_;
  receive_into<T, Sink> receive_;
};

/// Held is T for a value that the case owns (it was given an lvalue) or T& for one that it may move from if chosen.
template <class T, class Held, class F>
class send_case : private pinned_case {
 public:
  static constexpr bool is_select_case = true;
  send_case(channel* c, Held value, F f) : c_(c), value_(std::forward<Held>(value)), f_(std::move(f)) {}
  channel* target() const noexcept { return c_; }
  void prepare(waiter& w) {
    w.sends = true;
    w.value = std::addressof(value_);
  }
  void finish(bool) { static_cast<void>(f_()); }

  owner<owned_case> own() {
    struct owned final : owned_case {
      owned(const channel_handle& ch, T&& v, F&& handler)
          : owned_case(ch), value(std::move(v)), f(std::move(handler)) {}
      void prepare(waiter& w) override {
        w.sends = true;
        if constexpr (std::is_copy_constructible_v<T>) {  // the next select sends the same value again
          w.value = std::addressof(copy.emplace(value));
        } else {
          w.value = std::addressof(value);
        }
      }
      void finish(bool) override {
        forget();
        static_cast<void>(f());
      }
      void forget() noexcept override {
        if constexpr (std::is_copy_constructible_v<T>) copy.reset();
      }
      T value;
      std::conditional_t<std::is_copy_constructible_v<T>, std::optional<T>, std::monostate> copy;
      F f;
    };
    retain(c_);
    return owner<owned>(new owned(channel_handle(c_), std::move(value_), std::move(f_)));
  }

 private:
  channel* c_;
  Held value_;
  F f_;
};

template <class F>
class send_case<void, void, F> : private pinned_case {
 public:
  static constexpr bool is_select_case = true;
  send_case(channel* c, F f) : c_(c), f_(std::move(f)) {}
  channel* target() const noexcept { return c_; }
  void prepare(waiter& w) { w.sends = true; }
  void finish(bool) { static_cast<void>(f_()); }

  owner<owned_case> own() {
    struct owned final : owned_case {
      owned(const channel_handle& ch, F&& handler) : owned_case(ch), f(std::move(handler)) {}
      void prepare(waiter& w) override { w.sends = true; }
      void finish(bool) override { static_cast<void>(f()); }
      F f;
    };
    retain(c_);
    return owner<owned>(new owned(channel_handle(c_), std::move(f_)));
  }

 private:
  channel* c_;
  F f_;
};

template <class F>
struct otherwise_case {
  static constexpr bool is_select_case = true;
  static constexpr bool is_otherwise = true;
  F f;
};
struct otherwise_tag {
  static constexpr bool is_select_case = true;
  static constexpr bool is_otherwise = true;
  no_handler f{};
  template <class F>
    requires std::invocable<F&>
  otherwise_case<F> operator()(F handler) const {
    return {std::move(handler)};
  }
};

template <class Case>
concept select_argument =
    requires { requires std::remove_cvref_t<Case>::is_select_case; } &&
    (requires { requires std::remove_cvref_t<Case>::is_otherwise; } || !std::is_const_v<std::remove_reference_t<Case>>);
template <class Case>
concept otherwise_argument = select_argument<Case> && requires { requires std::remove_cvref_t<Case>::is_otherwise; };

/// A poll of one channel, the most frequent select with `otherwise`, is refused without a call.
template <class Case>
[[nodiscard]] bool recv_would_wait(const Case& one) noexcept {
  if constexpr (requires { one.receives_from(); }) {
    return recv_would_wait(one.receives_from());
  } else {
    return false;
  }
}

/// Carries out what is left of the case that was chosen, or `otherwise` if none was. Returns its index among the
/// arguments. Inline even where it is called twice: a poll is a few instructions.
template <class... Cases>
[[gnu::always_inline]] inline std::size_t finish(std::size_t chosen, const waiter* waiters, Cases&... cases) {
  std::size_t argument = 0;
  std::size_t result = 0;
  std::size_t seen = 0;
  const auto finish_one = [&](auto& one) {
    if constexpr (otherwise_argument<decltype(one)>) {
      if (chosen == sizeof...(Cases) - 1) {
        result = argument;
        static_cast<void>(one.f());
      }
    } else if (seen++ == chosen) {
      result = argument;
      one.finish(waiters[chosen].success);
    }
    ++argument;
  };
  (finish_one(cases), ...);
  return result;
}

template <class Ch>
concept can_receive = requires(const Ch& ch) { ch.recv(); } && std::derived_from<Ch, channel_handle>;
template <class Ch>
concept can_send = requires(const Ch& ch) { ch.close(); } && std::derived_from<Ch, channel_handle>;

template <class Ch>
using element = typename Ch::value_type;
template <class F, class T>
concept takes_received = std::invocable<F&, std::optional<T>>;

}  // namespace detail

// Cases. Each takes its channel, and copies an lvalue to send, when it is made. A destination is written, a handler
// run and an rvalue to send moved from only if that case is chosen.
//
// Lifetime: until select() is entered, a case keeps its channel against handles that its own goroutine drops or assigns
// (rule S14); that another one does not drop the last handle meanwhile is the caller's business, as with any reference.

template <detail::can_receive Ch>
[[nodiscard]] auto recv(const Ch& ch) {
  using T = detail::element<Ch>;
  return detail::recv_case<T, detail::discard<T>>(ch.core(), {});
}

template <detail::can_receive Ch, class U>
  requires(!std::is_void_v<detail::element<Ch>> && std::is_assignable_v<U&, detail::element<Ch>> &&
           !detail::takes_received<U, detail::element<Ch>>)
[[nodiscard]] auto recv(const Ch& ch, U& x) {
  using T = detail::element<Ch>;
  if constexpr (std::same_as<U, std::optional<T>>) {
    return detail::recv_case<T, detail::store_in<T>>(ch.core(), {x});
  } else {
    return detail::recv_case<T, detail::assign_to<T, U>>(ch.core(), {x});
  }
}

template <detail::can_receive Ch, class U>
  requires(!std::is_void_v<detail::element<Ch>> && std::is_assignable_v<U&, detail::element<Ch>>)
[[nodiscard]] auto recv(const Ch& ch, U& x, bool& ok) {
  using T = detail::element<Ch>;
  return detail::recv_case<T, detail::assign_to<T, U>>(ch.core(), {x, &ok});
}

template <detail::can_receive Ch, class F>
  requires(!std::is_void_v<detail::element<Ch>> && detail::takes_received<std::decay_t<F>, detail::element<Ch>>)
[[nodiscard]] auto recv(const Ch& ch, F&& f) {
  using T = detail::element<Ch>;
  return detail::recv_case<T, detail::hand_to<T, std::decay_t<F>>>(ch.core(), {std::forward<F>(f)});
}

template <detail::can_receive Ch>
  requires std::is_void_v<detail::element<Ch>>
[[nodiscard]] auto recv(const Ch& ch, bool& ok) {
  return detail::recv_case<void, detail::set_flag>(ch.core(), {ok});
}

template <detail::can_receive Ch, class F>
  requires(std::is_void_v<detail::element<Ch>> && (std::invocable<F&> || std::invocable<F&, bool>))
[[nodiscard]] auto recv(const Ch& ch, F&& f) {
  return detail::recv_case<void, detail::notify<std::decay_t<F>>>(ch.core(), {std::forward<F>(f)});
}

template <detail::can_send Ch, class F = detail::no_handler>
  requires(!std::is_void_v<detail::element<Ch>> && std::invocable<F&>)
[[nodiscard]] auto send(const Ch& ch, const std::type_identity_t<detail::element<Ch>>& v, F f = {}) {
  using T = detail::element<Ch>;
  return detail::send_case<T, T, F>(ch.core(), T(v), std::move(f));
}

template <detail::can_send Ch, class F = detail::no_handler>
  requires(!std::is_void_v<detail::element<Ch>> && std::invocable<F&>)
[[nodiscard]] auto send(const Ch& ch, std::type_identity_t<detail::element<Ch>>&& v, F f = {}) {
  using T = detail::element<Ch>;
  return detail::send_case<T, T&, F>(ch.core(), v, std::move(f));
}

template <detail::can_send Ch, class F = detail::no_handler>
  requires(std::is_void_v<detail::element<Ch>> && std::invocable<F&>)
[[nodiscard]] auto send(const Ch& ch, F f = {}) {
  return detail::send_case<void, void, F>(ch.core(), std::move(f));
}

/// Go's `default`: chosen if no other case is ready. otherwise(f) runs f then.
inline constexpr detail::otherwise_tag otherwise{};

/// A case that can be stored: it owns its channel, its handler and the value it sends. Movable; reusable. A value
/// that can be copied is sent anew each time its case is chosen, a move-only one once.
class select_case {
 public:
  template <detail::select_argument Case>
    requires(!detail::otherwise_argument<Case>)
  select_case(Case&& made) : owned_(made.own()) {}
  template <detail::otherwise_argument Case>
  select_case(Case&& made) : otherwise_(std::forward<Case>(made).f) {}

 private:
  friend std::size_t select(std::span<select_case> cases);
  detail::owner<detail::owned_case> owned_;
  detail::owned_function otherwise_;
};

/// Waits until one of the cases can go on, carries out exactly that one, runs its handler and returns its index in
/// argument order. Among several that are ready one is chosen uniformly at random; `otherwise` only if none is, at
/// one instant. A nil channel's case is never ready; a closed channel is always ready to receive.
///
/// Blocks:    until a case is ready; never with `otherwise`.
/// Panics:    "send on closed channel" if that is the case chosen.
/// Memory:    allocates nothing.
template <detail::select_argument... Cases>
  requires(sizeof...(Cases) > 0)
std::size_t select(Cases&&... cases) {
  constexpr std::size_t others = (std::size_t{0} + ... + std::size_t{detail::otherwise_argument<Cases>});
  constexpr std::size_t n = sizeof...(Cases) - others;
  static_assert(others <= 1, "goro::select: otherwise may stand only once");
  static_assert(n < 65536, "goro::select: too many cases");

  if constexpr (n == 1 && others != 0)
    if ((detail::recv_would_wait(cases) || ...)) return detail::finish(n, nullptr, cases...);

  std::array<detail::waiter, n> waiters;
  std::array<detail::waiter*, n> order;
  std::size_t filled = 0;
  const auto fill = [&](auto& one) {
    if constexpr (!detail::otherwise_argument<decltype(one)>) {
      waiters[filled].c = one.target();
      one.prepare(waiters[filled++]);
    }
  };
  (fill(cases), ...);
  const std::size_t chosen = detail::select(waiters.data(), order.data(), n, others != 0);
  return detail::finish(chosen, waiters.data(), cases...);
}

/// The same for as many cases as run time decides, at most 65536; an empty span waits for ever.
std::size_t select(std::span<select_case> cases);

/// Waits for ever: Go's `select {}`.
[[noreturn]] void select();

}  // namespace goro
