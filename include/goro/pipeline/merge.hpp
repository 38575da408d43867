// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <utility>
#include <vector>

#include <goro/pipeline/source.hpp>

namespace goro::pipeline {

/// The elements of all sources, each in its own order, as they come. It ends when all have ended.
template <class T>
[[nodiscard]] source<T> merge(std::vector<source<T>> sources) {
  return detail::make_source<T>(
      [sources = std::move(sources)](detail::execution& e, const context& scope, const detail::output<T>& out) mutable {
        for (auto& each : sources) std::move(each).start(e, scope, out);
      });
}
template <class T, class... More>
[[nodiscard]] source<T> merge(source<T> first, More... more) {
  static_assert((std::same_as<More, source<T>> && ...), "goro::pipeline::merge: all must be sources of the same type");
  std::vector<source<T>> sources;
  sources.reserve(1 + sizeof...(More));
  sources.push_back(std::move(first));
  (sources.push_back(std::move(more)), ...);
  return pipeline::merge(std::move(sources));
}

}  // namespace goro::pipeline
