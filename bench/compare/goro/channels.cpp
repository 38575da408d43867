// SPDX-License-Identifier: BSL-1.0
#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>

#include "rows.hpp"

namespace {

void ping_pong(int n, int capacity) {
  const auto ping = goro::make_chan<std::int64_t>(capacity);
  const auto pong = goro::make_chan<std::int64_t>(capacity);
  goro::go([=] {
    for (const std::int64_t v : ping) pong.send(v);
    pong.close();
  });
  for (int i = 0; i < n; ++i) {
    ping.send(i);
    (void)pong.recv();
  }
  ping.close();
  (void)pong.recv();
}

void send_receive(int n) {
  const auto ch = goro::make_chan<std::int64_t>(128);
  for (int i = 0; i < n; ++i) {
    ch.send(i);
    (void)ch.recv();
  }
}

// n messages from `pairs` producers to as many consumers over one channel.
void many_to_many(int n, int pairs, int capacity) {
  const auto ch = goro::make_chan<std::int64_t>(capacity);
  goro::wait_group producers;
  goro::wait_group consumers;
  for (int p = 0; p < pairs; ++p) {
    producers.add();
    goro::go([&, messages = n / pairs] {
      for (int i = 0; i < messages; ++i) ch.send(i);
      producers.done();
    });
    consumers.add();
    goro::go([&] {
      while (ch.recv()) {
      }
      consumers.done();
    });
  }
  producers.wait();
  ch.close();
  consumers.wait();
}

template <int Pairs, int Capacity>
double many_to_many_row(int n) {
  return per_op(n, [](int ops) { many_to_many(ops, Pairs, Capacity); });
}

constexpr row rows[] = {
    {"ping_pong_0", "ns", [](int n) { return per_op(n, [](int ops) { ping_pong(ops, 0); }); }},
    {"ping_pong_1", "ns", [](int n) { return per_op(n, [](int ops) { ping_pong(ops, 1); }); }},
    {"send_receive_128", "ns", [](int n) { return per_op(n, send_receive); }},
    {"producer_consumer_0", "ns", many_to_many_row<1, 0>},
    {"producer_consumer_1", "ns", many_to_many_row<1, 1>},
    {"producer_consumer_128", "ns", many_to_many_row<1, 128>},
    {"many_to_many_4", "ns", many_to_many_row<4, 128>},
    {"many_to_many_64", "ns", many_to_many_row<64, 128>},
};

}  // namespace

std::span<const row> channel_rows() { return rows; }
