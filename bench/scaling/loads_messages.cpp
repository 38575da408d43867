// SPDX-License-Identifier: BSL-1.0
#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/select.hpp>
#include <goro/sync.hpp>

#include "loads.hpp"

namespace {

void ping_pong(std::int64_t n, std::ptrdiff_t capacity) {
  const auto there = goro::make_chan<std::int64_t>(capacity);
  const auto back = goro::make_chan<std::int64_t>(capacity);
  goro::go([=] {
    while (const auto v = there.recv()) back.send(*v);
  });
  for (std::int64_t i = 0; i < n; ++i) {
    there.send(i);
    static_cast<void>(back.recv());
  }
  there.close();
}

void stream(std::int64_t n) {
  const auto c = goro::make_chan<std::int64_t>(128);
  goro::go([=] {
    for (std::int64_t i = 0; i < n; ++i) c.send(i);
  });
  for (std::int64_t i = 0; i < n; ++i) static_cast<void>(c.recv());
}

void select_two(std::int64_t n) {
  const auto a = goro::make_chan<std::int64_t>();
  const auto b = goro::make_chan<std::int64_t>();
  goro::go([=] {
    for (std::int64_t i = 0; i < n; ++i) (i % 2 == 0 ? a : b).send(i);
  });
  for (std::int64_t i = 0; i < n; ++i) goro::select(goro::recv(a), goro::recv(b));
}

void yield(std::int64_t n, int goroutines) {
  goro::wait_group group;
  for (int g = 0; g < goroutines; ++g) {
    group.go([=] {
      for (std::int64_t i = 0; i < n / goroutines; ++i) goro::gosched();
    });
  }
  group.wait();
}

constexpr load loads[] = {
    {"ping_pong", "round trip, unbuffered", 100'000, [](std::int64_t n) { ping_pong(n, 0); }, true},
    {"ping_pong_buffered", "round trip, capacity 1", 100'000, [](std::int64_t n) { ping_pong(n, 1); }, true},
    {"yield", "yield between two", 400'000, [](std::int64_t n) { yield(n, 2); }, true},
    {"yield_crowd", "yield between 1000", 100'000, [](std::int64_t n) { yield(n, 1000); }},
    {"stream", "one producer, one consumer, capacity 128", 500'000, stream},
    {"select", "select over 2 unbuffered, one ready side", 100'000, select_two, true},
};

}  // namespace

std::span<const load> message_loads() { return loads; }
