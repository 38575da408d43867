// SPDX-License-Identifier: BSL-1.0
// Tickers: their rate, what a slow reader gets, and how they end.
#include <goro/goro.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;
using goro::clock;

struct Ticker : on_procs {};
GORO_ON_PROCS(Ticker);

bool has_value(const goro::recv_chan<clock::time_point>& c) {
  clock::time_point ignored;
  return c.try_recv(ignored) == goro::recv_status::ok;
}

TEST_P(Ticker, TM03_OfANanosecondTicksUnderLoad) {
  run([] {
    std::atomic<bool> stop{false};
    goro::wait_group load;
    for (int i = 0; i < 4; ++i) {
      load.go([&stop] {
        while (!stop) {
          std::vector<std::string> garbage(10, "some load that is allocated and freed");
          goro::gosched();
        }
      });
    }
    goro::ticker ticker(1ns);
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(ticker.c.recv());
    ticker.stop();
    stop = true;
    load.wait();
  });
}

/// The time that five ticks of `delta` and five of its double take; fails if a tick comes early or after stop().
clock::duration ten_ticks(std::chrono::milliseconds delta) {
  const auto start = clock::now();
  goro::ticker ticker(delta);
  for (int i = 1; i <= 5; ++i) EXPECT_GE(ticker.c.recv().value_or(start), start + i * delta);
  const auto middle = clock::now();
  ticker.reset(2 * delta);
  for (int i = 1; i <= 5; ++i) EXPECT_GE(ticker.c.recv().value_or(middle), middle + i * 2 * delta);
  ticker.stop();
  const auto took = clock::now() - start;
  const auto end = goro::after(3 * delta);
  EXPECT_EQ(goro::select(goro::recv(ticker.c), goro::recv(end)), 1u) << "a tick after stop()";
  return took;
}

TEST_P(Ticker, TM14_KeepsItsRateAlsoAfterAResetAndEndsWithStop) {
  run([] {
    bool at_rate = false;
    auto delta = 6ms;
    for (int attempt = 0; attempt < 5 && !at_rate; ++attempt, delta *= 2) {
      const auto took = ten_ticks(delta);
      EXPECT_GE(took, 15 * delta);
      at_rate = took <= 15 * delta * 13 / 10;
    }
    EXPECT_TRUE(at_rate);
  });
}

TEST_P(Ticker, TM15_ShortLivedOnesLeaveNothing) {
  run([] {
    const std::size_t timers = goro::debug::stats().timers;
    for (int i = 0; i < 3; ++i) {
      goro::ticker ticker(5ms);
      EXPECT_TRUE(ticker.c.recv());
      if (i != 1) ticker.stop();
    }
    EXPECT_EQ(goro::debug::stats().timers, timers);
  });
}

TEST_P(Ticker, TM16_PeriodsThatAreNotPositiveAreRefused) {
  run([] {
    for (const auto d : {0ns, -1ns, std::chrono::nanoseconds::min()}) {
      EXPECT_EQ(goro::tick(d), nullptr);
      EXPECT_EQ(panic_of([&] { return goro::ticker(d); }), "non-positive interval for NewTicker");
      goro::ticker ticker(1h);
      EXPECT_EQ(panic_of([&] { return ticker.reset(d), 0; }), "non-positive interval for Ticker.Reset");
      ticker.reset(1ms);
      EXPECT_TRUE(ticker.c.recv()) << "unusable after a refused reset";
    }
    EXPECT_EQ(goro::tick(std::chrono::hours(-1)), nullptr);
  });
}

TEST_P(Ticker, TM17_NoTickIsReceivedAfterStopOrReset) {
  run([] {
    goro::ticker ticker(1ms);
    EXPECT_EQ(ticker.c.len() + ticker.c.cap(), 0u);
    goro::sleep(5ms);
    EXPECT_EQ(ticker.c.len() + ticker.c.cap(), 0u) << "due";
    ticker.stop();
    EXPECT_FALSE(has_value(ticker.c));
    ticker.reset(1ms);
    goro::sleep(5ms);
    ticker.reset(1h);
    EXPECT_FALSE(has_value(ticker.c));
    for (int i = 0; i < scale(10'000, 1'000); ++i) {
      ticker.reset(std::chrono::microseconds(i % 10 + 1));
      for (const auto end = clock::now() + std::chrono::microseconds(i % 13); clock::now() < end;) {
      }
      ticker.stop();
      EXPECT_FALSE(has_value(ticker.c));
    }
  });
}

TEST_P(Ticker, TM18_ForASlowReaderExactlyOneTickWaits) {
  run([] {
    const auto start = clock::now();
    goro::ticker ticker(10ms);
    goro::sleep(100ms);
    const auto now = clock::now();
    clock::time_point first;
    ASSERT_EQ(ticker.c.try_recv(first), goro::recv_status::ok);
    EXPECT_GE(first, start + 10ms);
    EXPECT_LE(first, now);
    clock::time_point next;
    while (ticker.c.try_recv(next) == goro::recv_status::ok) EXPECT_GT(next, now) << "more than one waited";
    EXPECT_GT(ticker.c.recv().value_or(start), now);
  });
}

TEST_P(Ticker, StopDoesNotCloseTheChannel) {
  run([] {
    goro::ticker ticker(1ms);
    EXPECT_TRUE(ticker.c.recv());
    ticker.stop();
    clock::time_point ignored;
    EXPECT_EQ(ticker.c.try_recv(ignored), goro::recv_status::empty);
    ticker.stop();
    ticker.reset(1ms);
    EXPECT_TRUE(ticker.c.recv()) << "a stopped ticker can be started again";
  });
}

TEST_P(Ticker, OfTheLongestPeriodNeverTicks) {
  run([] {
    goro::ticker ticker(std::chrono::hours::max());
    const auto end = goro::after(10ms);
    EXPECT_EQ(goro::select(goro::recv(ticker.c), goro::recv(end)), 1u);
    ticker.reset(std::chrono::nanoseconds::max());
    EXPECT_FALSE(has_value(ticker.c));
  });
}

TEST_P(Ticker, AnUninitializedOneCanBeStoppedButNotReset) {
  run([] {
    goro::ticker none;
    EXPECT_EQ(none.c, nullptr);
    none.stop();
    EXPECT_EQ(panic_of([&] { return none.reset(1ms), 0; }), "time: Reset called on uninitialized Ticker");
  });
}

TEST_P(Ticker, AMovedFromOneIsUninitializedAndItsTargetGoesOn) {
  run([] {
    const std::size_t timers = goro::debug::stats().timers;
    goro::ticker first(2ms);
    goro::ticker second(std::move(first));
    EXPECT_EQ(first.c, nullptr);
    first.stop();
    EXPECT_EQ(panic_of([&] { return first.reset(1ms), 0; }), "time: Reset called on uninitialized Ticker");
    EXPECT_TRUE(second.c.recv());
    EXPECT_TRUE(second.c.recv());
    first = std::move(second);
    EXPECT_TRUE(first.c.recv());
    first = goro::ticker(1h);
    EXPECT_EQ(goro::debug::stats().timers, timers + 1);
  });
}

TEST_P(Ticker, EndsWithTheLastCopyOfItsChannel) {
  run([] {
    const std::size_t timers = goro::debug::stats().timers;
    auto ticks = goro::tick(1ms);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(ticks.recv());
    const auto copy = std::move(ticks);
    EXPECT_TRUE(copy.recv());
    EXPECT_EQ(goro::debug::stats().timers, timers + 1);
    ticks = goro::ticker(1ms).c;
    EXPECT_TRUE(ticks.recv());
    ticks = {};
    EXPECT_EQ(goro::debug::stats().timers, timers + 1);
  });
}

TEST_P(Ticker, SeveralReadersShareTheTicks) {
  run([] {
    goro::ticker ticker(1ms);
    auto ticks = goro::make_chan<clock::time_point>(20);
    goro::wait_group wg;
    for (int g = 0; g < 4; ++g) {
      wg.go([&, ticks] {
        for (int i = 0; i < 5; ++i) ticks.send(ticker.c.recv().value_or(clock::time_point()));
      });
    }
    wg.wait();
    std::vector<clock::time_point> all;
    while (ticks.len() != 0) all.push_back(*ticks.recv());
    std::sort(all.begin(), all.end());
    EXPECT_EQ(all.size(), 20u);
    EXPECT_EQ(std::adjacent_find(all.begin(), all.end()), all.end()) << "a tick was received twice";
  });
}

}  // namespace
