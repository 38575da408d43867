// SPDX-License-Identifier: BSL-1.0
// Stopping, resetting, moving and dropping timers: nothing of an earlier setting is ever received.
#include <goro/goro.hpp>

#include <atomic>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;
using goro::clock;

struct TimerReset : on_procs {};
struct TimerStop : on_procs {};
struct TimerMove : on_procs {};
GORO_ON_PROCS(TimerReset);
GORO_ON_PROCS(TimerStop);
GORO_ON_PROCS(TimerMove);

bool has_value(const goro::recv_chan<clock::time_point>& c) {
  clock::time_point ignored;
  return c.try_recv(ignored) == goro::recv_status::ok;
}

void spin(std::chrono::nanoseconds d) {
  for (const auto end = clock::now() + d; clock::now() < end;) {
  }
}

std::string reset_of_an_active_and_of_an_expired_timer(std::chrono::milliseconds unit) {
  goro::timer timer(2 * unit);
  goro::sleep(unit);
  if (!timer.reset(3 * unit)) return "reset of an active timer is false";
  goro::sleep(2 * unit);
  if (has_value(timer.c)) return "fired at the earlier time";
  goro::sleep(2 * unit);
  if (!has_value(timer.c)) return "did not fire";
  if (timer.reset(unit)) return "reset of an expired timer is true";
  timer.stop();
  return "";
}

TEST_P(TimerReset, TM09_MovesAnActiveTimerAndReportsWhetherItWasActive) {
  run([] {
    std::string error = "not tried";
    for (auto unit = 5ms; unit <= 135ms && !error.empty(); unit *= 3) {
      error = reset_of_an_active_and_of_an_expired_timer(unit);
    }
    EXPECT_EQ(error, "");
  });
}

TEST_P(TimerReset, TM09_MovesAPendingCallAndRepeatsOneThatHasRun) {
  run([] {
    auto called = goro::make_chan<clock::time_point>(1);
    goro::timer timer = goro::after_func(1h, [called] { called << clock::now(); });
    const auto start = clock::now();
    EXPECT_TRUE(timer.reset(10ms));
    EXPECT_GE(called.recv().value_or(start), start + 10ms);
    const auto again = clock::now();
    EXPECT_FALSE(timer.reset(10ms));
    EXPECT_GE(called.recv().value_or(again), again + 10ms);
    EXPECT_FALSE(timer.stop());
    EXPECT_FALSE(timer.reset(1h));
    EXPECT_TRUE(timer.stop());
  });
}

TEST_P(TimerReset, TM11_UninitializedTimersPanic) {
  run([] {
    const std::string text = "called on uninitialized Timer";
    EXPECT_THAT(panic_of([] { return goro::timer().reset(1ms); }), testing::HasSubstr(text));
    EXPECT_THAT(panic_of([] { return goro::timer().stop(); }), testing::HasSubstr(text));
    EXPECT_EQ(goro::timer().c, nullptr);
  });
}

TEST_P(TimerReset, TM13_ManyGoroutinesResetOneTimer) {
  run([] {
    goro::timer timer(1h);
    goro::timer call = goro::after_func(1h, [] {});
    goro::wait_group wg;
    for (int g = 0; g < 8; ++g) {
      wg.go([&] {
        for (int i = 0; i < scale(1'000, 300); ++i) {
          timer.reset(std::chrono::nanoseconds(i % 3));
          call.reset(std::chrono::microseconds(i % 100));
        }
      });
    }
    wg.wait();
    timer.stop();
    call.stop();
    EXPECT_FALSE(has_value(timer.c));
  });
}

TEST_P(TimerStop, TM17_AValueThatIsDueIsWithdrawn) {
  run([] {
    for (const bool parked : {true, false}) {
      const auto let_it_expire = [parked] { parked ? goro::sleep(3ms) : spin(3ms); };
      goro::timer timer(1ms);
      EXPECT_EQ(timer.c.len() + timer.c.cap(), 0u);
      let_it_expire();
      EXPECT_EQ(timer.c.len() + timer.c.cap(), 0u) << "due";
      EXPECT_TRUE(timer.stop()) << "an expired value that nobody received counts as prevented";
      EXPECT_FALSE(has_value(timer.c));
      EXPECT_FALSE(timer.stop());

      EXPECT_FALSE(timer.reset(1ms));
      let_it_expire();
      EXPECT_TRUE(timer.reset(1h));
      EXPECT_FALSE(has_value(timer.c));

      EXPECT_TRUE(timer.reset(1ms));
      let_it_expire();
      EXPECT_TRUE(has_value(timer.c)) << "a receive that does not wait finds a value that is due";
      EXPECT_EQ(timer.c.len() + timer.c.cap(), 0u);
      EXPECT_FALSE(has_value(timer.c));
      EXPECT_FALSE(timer.stop());
    }
  });
}

TEST_P(TimerStop, NothingIsReceivedAfterStopOrResetHoweverCloseTheExpiryIs) {
  run([] {
    for (int i = 0; i < scale(20'000, 2'000); ++i) {
      goro::timer timer(std::chrono::microseconds(i % 20));
      spin(std::chrono::microseconds(i % 17));
      EXPECT_TRUE(timer.stop());
      EXPECT_FALSE(has_value(timer.c));
      timer.reset(std::chrono::microseconds(i % 20));
      spin(std::chrono::microseconds(i % 17));
      const auto start = clock::now();
      EXPECT_TRUE(timer.reset(5us));
      EXPECT_GE(timer.c.recv().value_or(clock::time_point()), start + 5us);
    }
  });
}

TEST_P(TimerStop, OfAStopAndAReceiveAtTheSameTimeExactlyOneGetsTheValue) {
  run([] {
    int stops = 0;
    for (int i = 0; i < scale(10'000, 1'000); ++i) {
      goro::timer timer(std::chrono::microseconds(i % 20));
      auto given_up = goro::make_chan<void>();
      std::atomic<bool> received{false};
      goro::wait_group wg;
      wg.go([&, given_up] { received = goro::select(goro::recv(timer.c), goro::recv(given_up)) == 0; });
      if (i % 2 == 0) goro::gosched();
      spin(std::chrono::microseconds(i % 23));
      const bool stopped = timer.stop();
      given_up.close();
      wg.wait();
      EXPECT_NE(stopped, received) << i;
      stops += stopped;
    }
    EXPECT_GT(stops, 0);
  });
}

TEST_P(TimerStop, OfAStopAndACallAtTheSameTimeExactlyOneWins) {
  run([] {
    std::atomic<int> calls{0};
    int stops = 0;
    const int rounds = scale(20'000, 2'000);
    for (int i = 0; i < rounds; ++i) {
      goro::timer timer = goro::after_func(std::chrono::microseconds(i % 20), [&calls] { ++calls; });
      spin(std::chrono::microseconds(i % 23));
      stops += timer.stop();
    }
    EXPECT_TRUE(eventually([&] { return calls + stops == rounds; })) << calls << " + " << stops;
    expect_others_end();
    EXPECT_EQ(calls + stops, rounds);
  });
}

TEST_P(TimerReset, TM20_ManyGoroutinesReceiveFromAndResetOneTimerOfANanosecond) {
  run([] {
    goro::timer timer(1ns);
    goro::wait_group wg;
    for (int g = 0; g < 8; ++g) {
      wg.go([&] {
        for (int i = 0; i < scale(10'000, 2'000); ++i) {
          goro::select(goro::recv(timer.c), goro::otherwise);
          timer.reset(1ns);
        }
      });
    }
    wg.wait();
    EXPECT_TRUE(timer.c.recv());
  });
}

TEST_P(TimerMove, AMovedFromTimerIsUninitializedAndItsTargetGoesOn) {
  run([] {
    const auto start = clock::now();
    goro::timer first(10ms);
    goro::timer second(std::move(first));
    EXPECT_EQ(first.c, nullptr);
    EXPECT_EQ(panic_of([&] { return first.stop(); }), "time: Stop called on uninitialized Timer");
    EXPECT_EQ(panic_of([&] { return first.reset(1s); }), "time: Reset called on uninitialized Timer");
    EXPECT_GE(second.c.recv().value_or(clock::time_point()), start + 10ms);
    first = std::move(second);
    EXPECT_FALSE(first.reset(1h));
    auto& self = first;
    first = std::move(self);
    EXPECT_TRUE(first.stop());

    goro::timer call = goro::after_func(1h, [] { ADD_FAILURE() << "was stopped"; });
    goro::timer moved = std::move(call);
    EXPECT_EQ(panic_of([&] { return call.stop(); }), "time: Stop called on uninitialized Timer");
    EXPECT_TRUE(moved.stop());
  });
}

TEST_P(TimerMove, WhatIsAssignedToDropsItsValueButNotItsCall) {
  run([] {
    const std::size_t timers = goro::debug::stats().timers;
    goro::timer timer(1h);
    timer = goro::timer(2h);
    EXPECT_EQ(goro::debug::stats().timers, timers + 1);
    auto called = goro::make_chan<void>();
    timer = goro::after_func(2ms, [called] { called.close(); });
    timer = {};
    EXPECT_FALSE(called.recv());
    EXPECT_EQ(goro::debug::stats().timers, timers);
  });
}

TEST_P(TimerMove, ATimerEndsWithTheLastCopyOfItsChannel) {
  run([] {
    const std::size_t timers = goro::debug::stats().timers;
    goro::recv_chan<clock::time_point> kept = goro::timer(5ms).c;
    EXPECT_TRUE(kept.recv());
    kept = goro::after(1h);
    EXPECT_EQ(goro::debug::stats().timers, timers + 1);
    kept = {};
    EXPECT_EQ(goro::debug::stats().timers, timers);
  });
}

}  // namespace
