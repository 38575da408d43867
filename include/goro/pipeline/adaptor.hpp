// SPDX-License-Identifier: BSL-1.0
// How | joins: a source and a stage are a source, a stage and a stage are a stage, a source and a sink are run, a stage
// and a sink are a sink: a branch.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <goro/pipeline/source.hpp>

namespace goro::pipeline {
namespace detail {

/// A stage: make(source<T>&&) is a source of what it makes of the elements.
template <class Make>
struct adaptor {
  static constexpr bool is_stage = true;
  Make make;
};

template <class Make>
adaptor<Make> make_adaptor(Make make) {
  return {std::move(make)};
}

/// A sink: run(e, scope, source<T>&&) returns when its elements have come to an end.
template <class Run>
struct sink {
  static constexpr bool is_stage = true;
  Run run;
  context ctx{};  // nil: none was given
};

template <class X>
concept stage = requires { requires std::remove_cvref_t<X>::is_stage; };

/// Receives all elements of a branch, or of the pipeline.
template <class T, class F>
void consume(execution& e, const context& scope, source<T>&& from, F f) {
  input<T> in = std::move(from).start(e, scope);
  try {
    while (std::optional<T> x = in.get()) f(*std::move(x));
  } catch (const panic&) {
    if (!e.is_home()) in.forget();  // the process ends
    throw;
  } catch (...) {
    e.fail(scope, caught_error());
  }
}

/// Thrown by a sink that has no result: then finish() throws the reason.
struct no_result {};

template <class T, class Run>
auto drive(source<T>&& from, sink<Run>& to) {
  using result = decltype(to.run(std::declval<execution&>(), std::declval<const context&>(), std::move(from)));
  execution e(to.ctx ? to.ctx : context::background());
  if constexpr (std::is_void_v<result>) {
    to.run(e, e.ctx(), std::move(from));
    e.finish();
  } else {
    try {
      result made = to.run(e, e.ctx(), std::move(from));
      e.finish();
      return made;
    } catch (const no_result&) {
      e.finish();
      throw;
    }
  }
}

/// A stage that is one goroutine: body(scope, in, out).
template <class U, class T, class Body>
source<U> one_goroutine(source<T>&& above, Body body) {
  return make_source<U>(
      [above = std::move(above), body = std::move(body)](execution& e, const context& scope, output<U> out) mutable {
        e.go(scope, [scope, in = std::move(above).start(e, scope), out = std::move(out),
                     body = std::move(body)]() mutable { body(scope, in, out); });
      });
}

}  // namespace detail

template <class T, class Make>
[[nodiscard]] auto operator|(source<T>&& from, detail::adaptor<Make> stage) {
  return stage.make(std::move(from));
}
template <class T, class Run>
auto operator|(source<T>&& from, detail::sink<Run> sink) {
  return detail::drive(std::move(from), sink);
}
template <class T, detail::stage Stage>
void operator|(source<T>&, Stage&&) {
  static_assert(std::is_void_v<T>, "goro::pipeline: a source is used once: std::move it");
}

template <class First, class Second>
[[nodiscard]] auto operator|(detail::adaptor<First> first, detail::adaptor<Second> second) {
  auto both = [first = std::move(first.make), second = std::move(second.make)]<class T>(source<T>&& from) mutable {
    return second(first(std::move(from)));
  };
  return detail::adaptor<decltype(both)>{std::move(both)};
}
template <class Make, class Run>
[[nodiscard]] auto operator|(detail::adaptor<Make> stage, detail::sink<Run> sink) {
  auto both = [make = std::move(stage.make), run = std::move(sink.run)]<class T>(
                  detail::execution& e, const context& scope, source<T>&& from) mutable {
    return run(e, scope, make(std::move(from)));
  };
  return detail::sink<decltype(both)>{std::move(both), std::move(sink.ctx)};
}

}  // namespace goro::pipeline
