// SPDX-License-Identifier: BSL-1.0
#include "own_rows.hpp"

#include <goro/chan.hpp>
#include <goro/rate.hpp>
#include <goro/sync.hpp>

namespace {

void try_recv_empty(int n) {
  const auto ch = goro::make_chan<std::int64_t>();
  std::int64_t v = 0;
  for (int i = 0; i < n; ++i) {
    if (ch.try_recv(v) == goro::recv_status::ok) fail("received from nobody");
  }
}

void make_chan(int n) {
  for (int i = 0; i < n; ++i) last_result = goro::make_chan<std::int64_t>(8).cap();
}

void map_store(int n) {
  goro::concurrent_map<std::int64_t, std::int64_t> map;
  for (int i = 0; i < n; ++i) map.store(i % 1000, i);
}

void limiter_allow(int n) {
  goro::token_bucket limiter(1e12, 1'000'000'000);
  for (int i = 0; i < n; ++i) {
    if (!limiter.allow()) fail("refused");
  }
}

constexpr row rows[] = {
    {"try_recv_empty", "instructions", [](int n) { return per_op(n, try_recv_empty); }},
    {"make_chan", "instructions", [](int n) { return per_op(n, make_chan); }},
    {"map_store", "instructions", [](int n) { return per_op(n, map_store); }},
    {"limiter_allow", "instructions", [](int n) { return per_op(n, limiter_allow); }},
};

}  // namespace

std::span<const row> own_rows() { return rows; }
