// SPDX-License-Identifier: BSL-1.0
// What pulls a pipeline: it runs when a source is joined with one of these, and has ended when that returns or throws.
//
// Blocks:    until all goroutines of the pipeline have ended.
// Errors:    the first exception of any stage, or of the sink's own function, is rethrown. A std::system_error with the
//            context's err() if that stopped the pipeline: not if everything was done by then.
// Panics:    a nil context, an empty function; "goro::pipeline: a stage called goexit: there is no result". A goro::panic
//            of a stage is a bug, not an error: it ends the process.
#pragma once

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/pipeline/adaptor.hpp>

namespace goro::pipeline {

namespace detail {

template <class Run>
sink<Run> make_sink(Run run, context ctx) {
  return {std::move(run), std::move(ctx)};
}

template <class F>
auto for_each(F f, context ctx) {
  check_function("for_each", f);
  return make_sink(
      [f = std::move(f)]<class T>(execution& e, const context& scope, source<T>&& from) mutable {
        static_assert(
            callable<F, T>,
            "goro::pipeline::for_each(f): f must be callable with an element as an rvalue: f(x) or f(context, x)");
        consume(e, scope, std::move(from), [&](T&& x) { static_cast<void>(call(f, scope, std::move(x))); });
      },
      std::move(ctx));
}

inline auto collect(context ctx) {
  return make_sink(
      []<class T>(execution& e, const context& scope, source<T>&& from) {
        std::vector<T> all;
        consume(e, scope, std::move(from), [&](T&& x) { all.push_back(std::move(x)); });
        return all;
      },
      std::move(ctx));
}

template <class A, class F>
auto fold(A init, F f, context ctx) {
  check_function("fold", f);
  return make_sink(
      [init = std::move(init), f = std::move(f)]<class T>(execution& e, const context& scope,
                                                          source<T>&& from) mutable {
        static_assert(
            callable<F, A, T>,
            "goro::pipeline::fold(init, f): f must be callable with rvalues: f(result, x) or f(context, result, x)");
        consume(e, scope, std::move(from), [&](T&& x) { init = call(f, scope, std::move(init), std::move(x)); });
        return std::move(init);
      },
      std::move(ctx));
}

inline auto count(context ctx) {
  return make_sink(
      []<class T>(execution& e, const context& scope, source<T>&& from) {
        std::size_t n = 0;
        consume(e, scope, std::move(from), [&](T&&) { ++n; });
        return n;
      },
      std::move(ctx));
}

context checked(const context& ctx);  // panics if it is nil

}  // namespace detail

/// Calls f(x) for each element, in the caller's goroutine.
template <class F>
[[nodiscard]] auto for_each(F f) {
  return detail::for_each(std::move(f), {});
}
template <class F>
[[nodiscard]] auto for_each(const context& ctx, F f) {
  return detail::for_each(std::move(f), detail::checked(ctx));
}

/// All elements, in a std::vector.
[[nodiscard]] inline auto collect() { return detail::collect({}); }
[[nodiscard]] inline auto collect(const context& ctx) { return detail::collect(detail::checked(ctx)); }

/// f(...f(f(init, a), b)..., z).
template <class A, class F>
[[nodiscard]] auto fold(A init, F f) {
  return detail::fold(std::move(init), std::move(f), {});
}
template <class A, class F>
[[nodiscard]] auto fold(const context& ctx, A init, F f) {
  return detail::fold(std::move(init), std::move(f), detail::checked(ctx));
}

/// How many there are.
[[nodiscard]] inline auto count() { return detail::count({}); }
[[nodiscard]] inline auto count(const context& ctx) { return detail::count(detail::checked(ctx)); }

namespace detail {

template <class T>
class pulled {
 public:
  pulled(context ctx, source<T>&& from) : ctx_(std::move(ctx)), from_(std::move(from)) {}
  [[nodiscard]] iterator<T> begin() { return iterator<T>(ctx_, std::move(from_)); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  context ctx_;
  source<T> from_;
};

}  // namespace detail

/// For a range-for with a context: for (auto&& x : numbers() | pull(ctx)) ... What a source itself is without one.
[[nodiscard]] inline auto pull(const context& ctx) {
  return detail::make_adaptor(
      [ctx = detail::checked(ctx)]<class T>(source<T>&& from) { return detail::pulled<T>(ctx, std::move(from)); });
}

}  // namespace goro::pipeline
