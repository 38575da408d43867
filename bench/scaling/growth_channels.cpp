// SPDX-License-Identifier: BSL-1.0
#include <vector>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/go.hpp>

#include "growth.hpp"

namespace {

using goro::context;

double send_and_receive(std::int64_t n) {
  std::vector<goro::chan<std::int64_t>> channels(static_cast<std::size_t>(n));
  for (auto& c : channels) c = goro::make_chan<std::int64_t>(1);
  return in_rounds(n, [&] {
    for (auto& c : channels) {
      c.send(1);
      static_cast<void>(c.recv());
    }
  });
}

double make_and_drop(std::int64_t n) {
  std::vector<goro::chan<std::int64_t>> channels(static_cast<std::size_t>(n));
  return in_rounds(n, [&] {
    for (auto& c : channels) c = goro::make_chan<std::int64_t>(1);
  });
}

double cancel_children(std::int64_t n) {
  std::vector<goro::cancel_func> children(static_cast<std::size_t>(n));
  return in_prepared_rounds(n, [&] {
    const auto [parent, cancel] = context::with_cancel(context::background());
    for (auto& child : children) child = context::with_cancel(parent).second;
    const double start = cpu_now();
    cancel();
    return cpu_now() - start;
  });
}

double one_child_more(std::int64_t n) {
  const auto [parent, cancel] = context::with_cancel(context::background());
  std::vector<goro::cancel_func> children(static_cast<std::size_t>(n));
  for (auto& child : children) child = context::with_cancel(parent).second;
  return in_rounds(100'000, [&] {
    for (int i = 0; i < 100'000; ++i) context::with_cancel(parent).second();
  });
}

constexpr growth_row rows[] = {
    {"channels/send_recv", "send to and receive from the next of n", an_object, send_and_receive},
    {"channels/make_drop", "replace the next of n", an_object, make_and_drop},
    {"contexts/cancel", "cancel a context with n children, each", an_object, cancel_children},
    {"contexts/beside", "with_cancel and cancel beside n children", nothing_else, one_child_more},
};

}  // namespace

std::span<const growth_row> channel_growth() { return rows; }
