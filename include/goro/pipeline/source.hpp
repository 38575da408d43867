// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <ranges>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/detail/owned.hpp>
#include <goro/pipeline/execution.hpp>
#include <goro/select.hpp>

namespace goro::pipeline {

/// How many elements may wait between two stages, unless buffered() says otherwise.
inline constexpr std::ptrdiff_t default_room = 64;

template <class T>
class source;

namespace detail {

template <class T>
struct node {
  virtual ~node() = default;
  /// Starts the goroutines that send to `out` until there is no more or `scope` is done. Called once at most.
  virtual void start(execution& e, const context& scope, output<T> out) = 0;
};

template <class T, class Start>
class node_of final : public node<T> {
 public:
  explicit node_of(Start start) : start_(std::move(start)) {}
  void start(execution& e, const context& scope, output<T> out) override { start_(e, scope, std::move(out)); }

 private:
  Start start_;
};

/// start(e, scope, out) as of a node.
template <class T, class Start>
source<T> make_source(Start start) {
  return source<T>(goro::detail::owner<node<T>>(goro::detail::owner(new node_of<T, Start>(std::move(start)))));
}

template <class T>
class iterator;

}  // namespace detail

/// What brings elements of type T: a description, of which nothing runs before a sink, or a range-for, pulls. It is used
/// once, and moved wherever it goes.
///
///   goro::pipeline::source<int> numbers();                       // a function may return one
///   for (int n : numbers() | goro::pipeline::take(3)) { ... }    // runs in the background while the body works
///
/// Blocks:    begin() and ++ until there is an element or the end, where all goroutines have ended.
/// Errors:    they rethrow the pipeline's first exception, when all goroutines have ended.
/// Panics:    one that was used already.
/// Lifetime:  who leaves the loop early waits until all goroutines have stopped; their exceptions are dropped then.
template <class T>
class [[nodiscard]] source {
 public:
  using value_type = T;

  source(source&&) noexcept = default;
  source& operator=(source&&) noexcept = default;

  [[nodiscard]] detail::iterator<T> begin() { return detail::iterator<T>(context::background(), std::move(*this)); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  // For those who make stages.

  explicit source(goro::detail::owner<detail::node<T>> node) : node_(std::move(node)) { detail::check_element<T>(); }
  /// Starts it; the elements come out of the input.
  detail::input<T> start(detail::execution& e, const context& scope) && {
    detail::output<T> out(make_chan<T>(room_));
    detail::input<T> in(e, scope, out.channel());
    std::move(*this).start(e, scope, std::move(out));
    return in;
  }
  void start(detail::execution& e, const context& scope, detail::output<T> out) && {
    if (!node_) detail::refuse_used_source();
    const auto last = std::move(node_);
    last->start(e, scope, std::move(out));
  }
  [[nodiscard]] std::ptrdiff_t room() const noexcept { return room_; }
  void set_room(std::ptrdiff_t room) noexcept { room_ = room; }

 private:
  goro::detail::owner<detail::node<T>> node_;
  std::ptrdiff_t room_ = default_room;
};

namespace detail {

/// A pipeline that runs, and is pulled by its owner.
template <class T>
class iterator {
 public:
  using value_type = T;
  using difference_type = std::ptrdiff_t;

  iterator(const context& ctx, source<T>&& from) : running_(new running(ctx, std::move(from))) { running_->next(); }
  iterator(iterator&&) noexcept = default;
  iterator& operator=(iterator&&) noexcept = default;

  T&& operator*() const noexcept { return std::move(*running_->x); }
  iterator& operator++() {
    running_->next();
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const iterator& it, std::default_sentinel_t) noexcept { return !it.running_->x; }

 private:
  struct running {
    running(const context& ctx, source<T>&& from) : e(ctx), in(std::move(from).start(e, e.ctx())) {}
    ~running() {
      e.cancel();
      in.leave();
    }
    void next() {
      x.reset();
      if (std::optional<T> got = in.get()) {
        x.emplace(*std::move(got));
        return;
      }
      in.leave();
      e.finish();
    }
    execution e;
    input<T> in;
    std::optional<T> x;
  };
  goro::detail::owner<running> running_;
};

/// What f() returns, and whether it is an optional.
template <class Result>
struct generated {
  static constexpr bool is_optional = false;
  using type = int;
};
template <class T>
struct generated<std::optional<T>> {
  static constexpr bool is_optional = true;
  using type = T;
};

template <class F, class... Args>
struct result_of_call {
  using type = decltype(detail::call(std::declval<F&>(), std::declval<const context&>(), std::declval<Args>()...));
};

}  // namespace detail

/// What f() returns, until that is std::nullopt. Like every function given to a stage, f may take a context first: it is
/// done when the pipeline stops, for what f waits for.
template <class F>
[[nodiscard]] auto generate(F f) {
  static_assert(detail::callable<F>, "goro::pipeline::generate(f): f must be callable: f() or f(context)");
  using made = detail::generated<std::remove_cvref_t<typename detail::result_of_call<F>::type>>;
  static_assert(made::is_optional,
                "goro::pipeline::generate(f): f must return a std::optional<T>; std::nullopt is the end");
  using T = typename made::type;
  detail::check_element<T>();
  detail::check_function("generate", f);
  return detail::make_source<T>(
      [f = std::move(f)](detail::execution& e, const context& scope, detail::output<T> out) mutable {
        e.go(scope, [&e, scope, out = std::move(out), f = std::move(f)]() mutable {
          while (e.wants(scope)) {
            std::optional<T> x = detail::call(f, scope);
            if (!x) return;
            out.send(*std::move(x));
          }
        });
      });
}

/// The values received from a channel until it is closed. One or a few that were received may be lost if the pipeline
/// stops before.
template <goro::detail::can_receive Channel>
[[nodiscard]] auto from(const Channel& ch) {
  using T = typename Channel::value_type;
  detail::check_element<T>();
  return detail::make_source<T>(
      [ch = recv_chan<T>(ch)](detail::execution& e, const context& scope, detail::output<T> out) {
        e.go(scope, [&e, scope, ch, out = std::move(out)] {
          const recv_chan<void> done = scope.done();
          while (e.wants(scope)) {
            std::optional<T> x;
            if (goro::select(goro::recv(ch, x), goro::recv(done)) == 1) continue;
            if (!x) return;
            out.send(*std::move(x));
          }
        });
      });
}

namespace detail {

/// Moves the elements out of a container that is its own, and copies those that belong to others.
template <bool Moves, class T, class Range>
void send_all(execution& e, const context& scope, const output<T>& out, Range& range) {
  static_assert(Moves || std::is_constructible_v<T, std::ranges::range_reference_t<Range>>,
                "goro::pipeline::from(range): the elements cannot be copied: std::move the range");
  if (!e.wants(scope)) return;
  auto it = std::ranges::begin(range);
  const auto end = std::ranges::end(range);
  for (; it != end && e.wants(scope); ++it) {
    if constexpr (Moves) {
      out.send(T(std::ranges::iter_move(it)));
    } else {
      out.send(T(*it));
    }
  }
}

}  // namespace detail

/// The elements of a range: copied from an lvalue or a view, which must live until the pipeline has ended; moved out of
/// any other rvalue.
template <std::ranges::input_range Range>
  requires(!goro::detail::can_receive<std::remove_cvref_t<Range>>)
[[nodiscard]] auto from(Range&& range) {
  using T = std::ranges::range_value_t<Range>;
  using stored = std::remove_cvref_t<Range>;
  detail::check_element<T>();
  if constexpr (std::is_lvalue_reference_v<Range> && !std::ranges::view<stored>) {
    return detail::make_source<T>([&range](detail::execution& e, const context& scope, detail::output<T> out) {
      e.go(scope, [&e, &range, scope, out = std::move(out)] { detail::send_all<false>(e, scope, out, range); });
    });
  } else {
    constexpr bool moves = !std::ranges::view<stored> && !std::is_const_v<std::remove_reference_t<Range>>;
    return detail::make_source<T>([range = stored(std::forward<Range>(range))](
                                      detail::execution& e, const context& scope, detail::output<T> out) mutable {
      e.go(scope, [&e, scope, out = std::move(out), range = std::move(range)]() mutable {
        detail::send_all<moves>(e, scope, out, range);
      });
    });
  }
}
template <class T>
[[nodiscard]] auto from(std::initializer_list<T> elements) {
  return pipeline::from(std::vector<T>(elements));
}

}  // namespace goro::pipeline
