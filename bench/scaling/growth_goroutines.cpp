// SPDX-License-Identifier: BSL-1.0
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>

#include "growth.hpp"

namespace {

// A value goes round a ring of n goroutines, of which all but one are parked.
double ring(std::int64_t n) {
  const auto first = goro::make_chan<std::int64_t>();
  auto last = first;
  for (std::int64_t i = 0; i < n; ++i) {
    const auto next = goro::make_chan<std::int64_t>();
    goro::go([from = last, next] {
      while (const auto v = from.recv()) next.send(*v);
      next.close();
    });
    last = next;
  }
  const double ns = in_rounds(n, [&] {
    first.send(1);
    static_cast<void>(last.recv());
  });
  first.close();
  static_cast<void>(last.recv());
  return ns;
}

// All n can run, and let each other; from when the last one has begun, each goes on rounds + 1 times.
double yield(std::int64_t n) {
  const std::int64_t rounds = std::max<std::int64_t>(4, rounds_over(n));
  return in_prepared_rounds(n * (rounds + 1), [&] {
    std::int64_t begun = 0;
    double start = 0;
    goro::wait_group group;
    for (std::int64_t i = 0; i < n; ++i) {
      group.go([&] {
        if (++begun == n) start = cpu_now();
        while (begun < n) goro::gosched();
        for (std::int64_t r = 0; r < rounds; ++r) goro::gosched();
      });
    }
    group.wait();
    return cpu_now() - start;
  });
}

double spawn(std::int64_t n) {
  return in_rounds(n, [n] {
    goro::wait_group group;
    for (std::int64_t i = 0; i < n; ++i) {
      group.add();
      goro::go([&] { group.done(); });
    }
    group.wait();
  });
}

// One that begins, parks, is woken and ends, while n others are parked.
double spawn_beside(std::int64_t n) {
  const auto gate = goro::make_chan<void>();
  for (std::int64_t i = 0; i < n; ++i) goro::go([&] { gate.recv(); });
  goro::gosched();
  const auto mine = goro::make_chan<void>();
  const double ns = in_rounds(100'000, [&] {
    for (int i = 0; i < 100'000; ++i) {
      goro::go([&] { mine.recv(); });
      mine.send();
    }
  });
  gate.close();
  while (goro::num_goroutine() > 1) goro::gosched();
  return ns;
}

constexpr growth_row rows[] = {
    {"goroutines/ring", "wake the next of n parked goroutines, park", a_goroutine_and_more, ring},
    {"goroutines/yield", "yield to the next of n", a_goroutine, yield},
    {"goroutines/spawn", "spawn, run and join n at once", an_object, spawn},
    {"goroutines/beside", "spawn, park, wake and end one beside n", nothing_else, spawn_beside},
};

}  // namespace

std::span<const growth_row> goroutine_growth() { return rows; }
