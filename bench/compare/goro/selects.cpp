// SPDX-License-Identifier: BSL-1.0
#include <array>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/select.hpp>

#include "rows.hpp"

namespace {

// Receives from two channels, of which only one has a sender.
void select_unbuffered(int n) {
  const auto a = goro::make_chan<std::int64_t>();
  const auto b = goro::make_chan<std::int64_t>();
  goro::go([=] {
    for (int i = 0; i < n; ++i) a.send(i);
  });
  std::int64_t sum = 0;
  for (int i = 0; i < n; ++i) {
    std::int64_t v = 0;
    switch (goro::select(goro::recv(a, v), goro::recv(b, v))) {
      case 0: sum += v; break;
      case 1: sum -= v; break;
    }
  }
  last_result = sum;
}

// Refills the channel it has just received from, so that one of the two is ready at every select and no goroutine
// ever waits.
void select_ready(int n) {
  const auto a = goro::make_chan<std::int64_t>(1);
  const auto b = goro::make_chan<std::int64_t>(1);
  std::int64_t sum = 0;
  for (int i = 0; i < n; ++i) {
    a.send(i);
    std::int64_t v = 0;
    switch (goro::select(goro::recv(a, v), goro::recv(b, v))) {
      case 0: sum += v; break;
      case 1: sum -= v; break;
    }
  }
  last_result = sum;
}

void receive_or_otherwise(int n) {
  const auto ch = goro::make_chan<std::int64_t>();
  std::int64_t misses = 0;
  for (int i = 0; i < n; ++i) {
    if (goro::select(goro::recv(ch), goro::otherwise) == 1) ++misses;
  }
  last_result = misses;
}

void fan_in(int n) {
  std::array<goro::chan<std::int64_t>, 8> c;
  const int each = n / static_cast<int>(c.size());
  for (auto& ch : c) {
    ch = goro::make_chan<std::int64_t>();
    goro::go([ch, each] {
      for (int i = 0; i < each; ++i) ch.send(i);
    });
  }
  std::int64_t sum = 0;
  for (int i = 0; i < each * static_cast<int>(c.size()); ++i) {
    std::int64_t v = 0;
    goro::select(goro::recv(c[0], v), goro::recv(c[1], v), goro::recv(c[2], v), goro::recv(c[3], v),
                 goro::recv(c[4], v), goro::recv(c[5], v), goro::recv(c[6], v), goro::recv(c[7], v));
    sum += v;
  }
  last_result = sum;
}

constexpr row rows[] = {
    {"select_2_unbuffered", "ns", [](int n) { return per_op(n, select_unbuffered); }},
    {"select_2_ready", "ns", [](int n) { return per_op(n, select_ready); }},
    {"receive_or_default", "ns", [](int n) { return per_op(n, receive_or_otherwise); }},
    {"fan_in_8", "ns", [](int n) { return per_op(n, fan_in); }},
};

}  // namespace

std::span<const row> select_rows() { return rows; }
