// SPDX-License-Identifier: BSL-1.0
// The times and tables of the tests of rate limiters.
#pragma once

#include <goro/rate.hpp>

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds d = 100ms;

/// So many tenths of a second after an arbitrary beginning.
inline goro::clock::time_point at(int tenths) { return goro::clock::time_point(1000h) + tenths * d; }

struct ask {
  int t;
  double tokens;  // that are there before
  std::int64_t n;
  bool allowed;
};

template <class Limiter>
void expect_answers(Limiter& limiter, const std::vector<ask>& asks) {
  for (std::size_t i = 0; i < asks.size(); ++i) {
    EXPECT_EQ(limiter.tokens(at(asks[i].t)), asks[i].tokens) << "before step " << i;
    EXPECT_EQ(limiter.allow(at(asks[i].t), asks[i].n), asks[i].allowed) << "step " << i;
  }
}

constexpr int never = -1;

/// Reserves n at t and expects to be told to act at `act`.
template <class Limiter>
goro::reservation reserve(Limiter& limiter, int t, std::int64_t n, int act,
                          std::chrono::nanoseconds max_wait = std::chrono::nanoseconds::max()) {
  goro::reservation r = limiter.reserve(at(t), n, max_wait);
  EXPECT_EQ(r.ok(), act != never);
  if (act == never) {
    EXPECT_EQ(r.delay(at(t)), std::chrono::nanoseconds::max());
  } else {
    EXPECT_EQ(r.delay(at(0)), act * d) << n << " at " << t;
    EXPECT_EQ(r.delay(at(act + 1)), 0ns);
  }
  return r;
}
