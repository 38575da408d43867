// SPDX-License-Identifier: BSL-1.0
// The stages of one goroutine each.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/pipeline/adaptor.hpp>

namespace goro::pipeline {

namespace detail {

template <class F, class T>
constexpr void check_mapping() {
  static_assert(callable<F, T>,
                "goro::pipeline: the function of map() or fan_out() must be callable with an element "
                "as an rvalue: f(x) or f(context, x)");
  static_assert(!std::is_void_v<typename result_of_call<F, T>::type>,
                "goro::pipeline: the function of map() or fan_out() must return a value; tee() and for_each() take one "
                "that does not");
}
template <class F, class T>
using mapped = std::remove_cvref_t<typename result_of_call<F, T>::type>;

template <class F, class T>
constexpr void check_predicate() {
  static_assert(callable<F, const T&>,
                "goro::pipeline: a predicate must be callable with an element as a const "
                "reference: f(x) or f(context, x)");
  static_assert(std::is_constructible_v<bool, typename result_of_call<F, const T&>::type>,
                "goro::pipeline: a predicate must return a bool");
}

}  // namespace detail

/// f(x) for each element x, in order.
template <class F>
[[nodiscard]] auto map(F f) {
  detail::check_function("map", f);
  return detail::make_adaptor([f = std::move(f)]<class T>(source<T>&& above) mutable {
    detail::check_mapping<F, T>();
    using U = detail::mapped<F, T>;
    return detail::one_goroutine<U>(std::move(above), [f = std::move(f)](const context& scope, detail::input<T>& in,
                                                                         const detail::output<U>& out) mutable {
      while (std::optional<T> x = in.get()) out.send(U(detail::call(f, scope, *std::move(x))));
    });
  });
}

/// The elements for which predicate(x) holds.
template <class F>
[[nodiscard]] auto filter(F predicate) {
  detail::check_function("filter", predicate);
  return detail::make_adaptor([f = std::move(predicate)]<class T>(source<T>&& above) mutable {
    detail::check_predicate<F, T>();
    return detail::one_goroutine<T>(std::move(above), [f = std::move(f)](const context& scope, detail::input<T>& in,
                                                                         const detail::output<T>& out) mutable {
      while (std::optional<T> x = in.get())
        if (detail::call(f, scope, std::as_const(*x))) out.send(*std::move(x));
    });
  });
}

/// Vectors of n elements each; the last one has what is left, if anything is.
[[nodiscard]] inline auto batch(std::ptrdiff_t n) {
  detail::check_number("batch", n, "elements a batch", 1);
  return detail::make_adaptor([n = static_cast<std::size_t>(n)]<class T>(source<T>&& above) {
    using batch = std::vector<T>;
    return detail::one_goroutine<batch>(std::move(above),
                                        [n](const context&, detail::input<T>& in, const detail::output<batch>& out) {
                                          batch next;
                                          while (std::optional<T> x = in.get()) {
                                            if (next.empty()) next.reserve(std::min<std::size_t>(n, 1024));
                                            next.push_back(*std::move(x));
                                            if (next.size() == n) out.send(std::exchange(next, {}));
                                          }
                                          if (!next.empty()) out.send(std::move(next));
                                        });
  });
}

/// Lets n elements, instead of 64, wait between the stage before it and the one after; with 0 each is handed over.
[[nodiscard]] inline auto buffered(std::ptrdiff_t n) {
  detail::check_number("buffered", n, "elements of room", 0);
  return detail::make_adaptor([n]<class T>(source<T>&& above) {
    above.set_room(n);
    return std::move(above);
  });
}

namespace detail {

/// A stage that may stop what is above it: body(stop, in, out). What it does not want is not even begun.
template <class T, class Body>
source<T> stopping(source<T>&& above, bool wants_any, Body body) {
  return make_source<T>([above = std::move(above), wants_any, body = std::move(body)](
                            execution& e, const context& scope, output<T> out) mutable {
    auto [inner, stop] = context::with_cancel(scope);
    if (!wants_any) stop();
    e.go(scope, [scope, in = std::move(above).start(e, inner), stop = std::move(stop), out = std::move(out),
                 body = std::move(body)]() mutable { body(scope, stop, in, out); });
  });
}

}  // namespace detail

/// The first n elements: then all that is above is stopped. It may have made some more by then.
[[nodiscard]] inline auto take(std::ptrdiff_t n) {
  detail::check_number("take", n, "elements", 0);
  return detail::make_adaptor([n]<class T>(source<T>&& above) {
    return detail::stopping(
        std::move(above), n > 0,
        [n](const context&, const cancel_func& stop, detail::input<T>& in, const detail::output<T>& out) {
          for (std::ptrdiff_t left = n; left > 0; --left) {
            std::optional<T> x = in.get();
            if (!x) return;
            if (left == 1) stop();
            out.send(*std::move(x));
          }
        });
  });
}

/// The elements before the first for which predicate(x) does not hold: then all that is above is stopped.
template <class F>
[[nodiscard]] auto take_while(F predicate) {
  detail::check_function("take_while", predicate);
  return detail::make_adaptor([f = std::move(predicate)]<class T>(source<T>&& above) mutable {
    detail::check_predicate<F, T>();
    return detail::stopping(std::move(above), true,
                            [f = std::move(f)](const context& scope, const cancel_func& stop, detail::input<T>& in,
                                               const detail::output<T>& out) mutable {
                              while (std::optional<T> x = in.get()) {
                                if (!detail::call(f, scope, std::as_const(*x))) return stop();
                                out.send(*std::move(x));
                              }
                            });
  });
}

}  // namespace goro::pipeline
