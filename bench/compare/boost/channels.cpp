// SPDX-License-Identifier: BSL-1.0
#include <boost/fiber/buffered_channel.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/unbuffered_channel.hpp>
#include <vector>

#include "rows.hpp"

// A buffered_channel takes a power of two, and holds one value less: 2 is what is capacity 1 elsewhere, and 128 holds
// 127.

namespace {

using boost::fibers::channel_op_status;
using boost::fibers::fiber;
using unbuffered = boost::fibers::unbuffered_channel<std::int64_t>;
using buffered = boost::fibers::buffered_channel<std::int64_t>;

template <class Channel>
void drain(Channel& ch) {
  std::int64_t value;
  while (ch.pop(value) == channel_op_status::success) {
  }
}

template <class Channel>
void ping_pong(int n, Channel&& ping, Channel&& pong) {
  fiber partner([&] {
    std::int64_t value;
    while (ping.pop(value) == channel_op_status::success) pong.push(value);
  });
  for (int i = 0; i < n; ++i) {
    ping.push(i);
    last_result = pong.value_pop();
  }
  ping.close();
  partner.join();
}

void send_receive(int n) {
  buffered ch(128);
  for (int i = 0; i < n; ++i) {
    ch.push(i);
    last_result = ch.value_pop();
  }
}

// n messages from `pairs` producers to as many consumers over one channel.
template <class Channel>
void many_to_many(int n, int pairs, Channel&& ch) {
  std::vector<fiber> producers;
  std::vector<fiber> consumers;
  for (int p = 0; p < pairs; ++p) {
    producers.emplace_back([&ch, messages = n / pairs] {
      for (int i = 0; i < messages; ++i) ch.push(i);
    });
    consumers.emplace_back([&] { drain(ch); });
  }
  for (fiber& one : producers) one.join();
  ch.close();
  for (fiber& one : consumers) one.join();
}

constexpr row rows[] = {
    {"ping_pong_0", "ns", [](int n) { return per_op(n, [](int ops) { ping_pong(ops, unbuffered(), unbuffered()); }); }},
    {"ping_pong_1", "ns", [](int n) { return per_op(n, [](int ops) { ping_pong(ops, buffered(2), buffered(2)); }); }},
    {"send_receive_128", "ns", [](int n) { return per_op(n, send_receive); }},
    {"producer_consumer_0", "ns", [](int n) { return per_op(n, [](int ops) { many_to_many(ops, 1, unbuffered()); }); }},
    {"producer_consumer_1", "ns", [](int n) { return per_op(n, [](int ops) { many_to_many(ops, 1, buffered(2)); }); }},
    {"producer_consumer_128", "ns",
     [](int n) { return per_op(n, [](int ops) { many_to_many(ops, 1, buffered(128)); }); }},
    {"many_to_many_4", "ns", [](int n) { return per_op(n, [](int ops) { many_to_many(ops, 4, buffered(128)); }); }},
    {"many_to_many_64", "ns", [](int n) { return per_op(n, [](int ops) { many_to_many(ops, 64, buffered(128)); }); }},
};

}  // namespace

std::span<const row> channel_rows() { return rows; }
