// SPDX-License-Identifier: BSL-1.0
#include <chrono>
#include <vector>

#include <goro/context.hpp>

#include "rows.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;

void with_cancel(int n) {
  const context background = context::background();
  for (int i = 0; i < n; ++i) {
    const auto [ctx, cancel] = context::with_cancel(background);
    cancel();
  }
}

void with_cancel_below(int n) {
  const auto [parent, cancel_parent] = context::with_cancel(context::background());
  for (int i = 0; i < n; ++i) {
    const auto [ctx, cancel] = context::with_cancel(parent);
    cancel();
  }
}

void with_timeout(int n) {
  const context background = context::background();
  for (int i = 0; i < n; ++i) {
    const auto [ctx, cancel] = context::with_timeout(background, 1h);
    cancel();
  }
}

// A parent with 10 000 children, made unmeasured; the time of one cancel for each child.
double cancel_tree(int n) {
  constexpr std::size_t children = 10'000;
  double total = 0;
  for (int r = 0; r <= n; ++r) {
    const auto [parent, cancel_parent] = context::with_cancel(context::background());
    std::vector<std::pair<context, goro::cancel_func>> below;
    below.reserve(children);
    for (std::size_t i = 0; i < children; ++i) below.push_back(context::with_cancel(parent));
    const double start = busy_now();
    cancel_parent();
    if (r > 0) total += busy_now() - start;
  }
  return total / n / children;
}

constexpr row rows[] = {
    {"with_cancel", "ns", [](int n) { return per_op(n, with_cancel); }},
    {"with_cancel_below", "ns", [](int n) { return per_op(n, with_cancel_below); }},
    {"with_timeout", "ns", [](int n) { return per_op(n, with_timeout); }},
    {"cancel_tree", "ns", cancel_tree},
};

}  // namespace

std::span<const row> context_rows() { return rows; }
