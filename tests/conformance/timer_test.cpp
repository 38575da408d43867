// SPDX-License-Identifier: BSL-1.0
// Sleeping, timers that send a value and timers that call: when they fire, in which order, and what stops them.
#include <goro/goro.hpp>

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <limits>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using namespace std::chrono_literals;
using goro::clock;

struct Sleep : on_procs {};
struct Timer : on_procs {};
struct TimerCall : on_procs {};
GORO_ON_PROCS(Sleep);
GORO_ON_PROCS(Timer);
GORO_ON_PROCS(TimerCall);

TEST_P(Sleep, TM01_IsNotCutShortByASignalHalfWay) {
  struct sigaction action = {};
  action.sa_handler = [](int) {};
  action.sa_flags = SA_ONSTACK;
  struct sigaction before = {};
  sigaction(SIGUSR1, &action, &before);
  const auto sleep_and_be_disturbed = [](auto disturb) {
    const auto start = clock::now();
    std::thread disturber([&] {
      for (int i = 0; i < 5; ++i) {
        std::this_thread::sleep_for(10ms);
        disturb();
      }
    });
    goro::sleep(100ms);
    EXPECT_GE(clock::now() - start, 100ms);
    goro::blocking([&] { disturber.join(); });
  };
  run([&] { sleep_and_be_disturbed([] { kill(getpid(), SIGUSR1); }); });
  sleep_and_be_disturbed([self = pthread_self()] { pthread_kill(self, SIGUSR1); });  // on a plain thread
  sigaction(SIGUSR1, &before, nullptr);
}

TEST_P(Sleep, TM08_OfNoTimeAHundredTimesDoesNotHoldUpOthers) {
  run([] {
    auto out = goro::make_chan<int>();
    goro::go([out] {
      for (int i = 0; i < 100; ++i) out << i;
      out.close();
    });
    for (int i = 0; i < 100; ++i) {
      goro::sleep(0ns);
      goro::sleep(-1s);
      const auto timer = goro::after_func(0ns, [] {});
    }
    int n = 0;
    for (const int i : out) EXPECT_EQ(i, n++);
    EXPECT_EQ(n, 100);
  });
}

TEST_P(TimerCall, TM02_TenStartedFromWithinEachOtherWithoutDelayAllRun) {
  run([] {
    auto finished = goro::make_chan<void>();
    int left = 10;
    std::function<void()> step = [&] {
      if (--left >= 0) {
        goro::after_func(0ns, std::ref(step));
        goro::sleep(1ms);
      } else {
        finished.close();
      }
    };
    goro::after_func(0ns, std::ref(step));
    EXPECT_FALSE(finished.recv());
    EXPECT_EQ(left, -1);
    expect_others_end();
  });
}

TEST_P(Timer, TM04_AfterIsNotEarlyAndNeitherIsItsValue) {
  run([] {
    for (const auto delay : {0ms, 1ms, 20ms}) {
      const auto start = clock::now();
      const auto value = goro::after(delay).recv();
      const auto end = clock::now();
      ASSERT_TRUE(value);
      EXPECT_GE(end, start + delay);
      EXPECT_GE(*value, start + delay);
      EXPECT_LE(*value, end);
    }
  });
}

TEST_P(Timer, TheValueIsTheTimeOfFiringAndNotOfTheReceive) {
  run([] {
    const auto start = clock::now();
    const goro::timer timer(10ms);
    goro::sleep(100ms);
    const auto value = timer.c.recv();
    ASSERT_TRUE(value);
    EXPECT_GE(*value, start + 10ms);
    EXPECT_LT(*value, start + 90ms);
  });
}

TEST_P(Timer, TM05_TenWaitsInSeriesTakeTheirSumAndNotMuchMore) {
  run([] {
    bool in_time = false;
    for (int attempt = 0; attempt < 5 && !in_time; ++attempt) {
      constexpr int count = 10;
      constexpr auto delay = 5ms;
      const auto start = clock::now();
      std::optional<clock::time_point> last;
      for (int i = 0; i < count; ++i) last = goro::after(delay).recv();
      const auto took = clock::now() - start;
      EXPECT_GE(took, count * delay);
      EXPECT_GE(*last - start, count * delay);
      in_time = took <= 3 * count * delay;
    }
    EXPECT_TRUE(in_time);
  });
}

TEST_P(Timer, TM06_StoppedOnesNeverFireAndAreStoppedOnce) {
  run([] {
    for (int attempt = 0; attempt < 5; ++attempt) {
      std::atomic<int> calls{0};
      goro::timer marker = goro::after_func(30ms, [&calls] { ++calls; });
      goro::timer call = goro::after_func(20ms, [] { ADD_FAILURE() << "was stopped"; });
      goro::timer value(20ms);
      EXPECT_EQ(call.c, nullptr);
      EXPECT_TRUE(call.stop());
      EXPECT_TRUE(value.stop());
      EXPECT_FALSE(call.stop());
      EXPECT_FALSE(value.stop());
      const auto end = goro::after(35ms);
      EXPECT_EQ(goro::select(goro::recv(value.c), goro::recv(end)), 1u);
      EXPECT_TRUE(eventually([&] { return calls == 1; }));
      EXPECT_FALSE(marker.stop());
    }
  });
}

TEST_P(Timer, TM07_ManyFireInTheOrderOfTheirTimes) {
  run([] {
    const std::vector<int> slots{5, 3, 6, 6, 6, 1, 1, 2, 7, 9, 4, 8, 0};
    bool in_order = false;
    auto delta = 2ms;
    for (int attempt = 0; attempt < 5 && !in_order; ++attempt, delta *= 3) {
      auto results = goro::make_chan<std::pair<int, clock::time_point>>(std::ssize(slots));
      const auto start = clock::now();
      goro::wait_group wg;
      for (const int slot : slots) {
        wg.go([=] { results.send({slot, goro::after(slot * delta).recv().value_or(clock::time_point())}); });
      }
      int last = -1;
      in_order = true;
      for (std::size_t i = 0; i < slots.size(); ++i) {
        const auto result = results.recv();
        ASSERT_TRUE(result);
        EXPECT_GE(result->second, start + result->first * delta);
        in_order = in_order && result->first >= last;
        last = result->first;
      }
      wg.wait();
    }
    EXPECT_TRUE(in_order);
  });
}

TEST_P(Timer, TM10_TheLongestDurationDoesNotFireAndTheMostNegativeFiresAtOnce) {
  run([] {
    const auto longest = goro::after(std::chrono::nanoseconds::max());
    const auto longer = goro::after(std::chrono::hours::max());
    const auto endless = goro::after(std::chrono::duration<double>(std::numeric_limits<double>::infinity()));
    const auto end = goro::after(25ms);
    EXPECT_EQ(goro::select(goro::recv(longest), goro::recv(longer), goro::recv(endless), goro::recv(end)), 3u);
    const auto start = clock::now();
    EXPECT_TRUE(goro::after(std::chrono::nanoseconds::min()).recv());
    EXPECT_TRUE(goro::after(std::chrono::hours::min()).recv());
    goro::sleep(std::chrono::nanoseconds::min());
    EXPECT_LT(clock::now() - start, 10s);
  });
}

TEST_P(Timer, TM12_ManyZeroTimersAreServedQuickly) {
  run([] {
    const int n =
        scale(1'000'000, 50'000) / (slowdown() * slowdown());  // a call is a goroutine, dear under a sanitizer
    const auto limit = 2s * slowdown();
    auto start = clock::now();
    for (int i = 0; i < n; ++i) goro::after(0ns).recv();
    EXPECT_LT(clock::now() - start, limit);

    start = clock::now();
    for (int i = 0; i < n; ++i) {
      auto called = goro::make_chan<void>();
      goro::after_func(0ns, [&called] { called.send(); });
      called.recv();
    }
    EXPECT_LT(clock::now() - start, limit);

    start = clock::now();
    goro::timer one(0ns);
    for (int i = 0; i < n; ++i) {
      EXPECT_TRUE(one.c.recv());
      EXPECT_FALSE(one.reset(0ns));
    }
    EXPECT_LT(clock::now() - start, limit);
  });
}

TEST_P(TimerCall, TM19_AHundredStoppedBeforeTheirTimeNeverRun) {
  run([] {
    std::vector<goro::timer> timers;
    for (int i = 0; i < 100; ++i) timers.push_back(goro::after_func(200ms, [] { ADD_FAILURE() << "was stopped"; }));
    goro::sleep(100ms);
    int stopped = 0;
    for (auto& t : timers) stopped += t.stop();
    EXPECT_EQ(stopped, 100);
    goro::sleep(120ms);
  });
}

// The count is relaxed: nothing but the memory's way from one call to the next puts the two in an order.
TEST_P(TimerCall, MayChangeWhatItHoldsThoughAnotherDidInTheSameMemory) {
  run([] {
    std::atomic<int> ran{0};
    for (int i = 1; i <= 50; ++i) {
      goro::go([&ran] {
        goro::after_func(1us, [&ran, times = 0]() mutable {
          if (++times == 1) ran.fetch_add(1, std::memory_order_relaxed);
        });
      });
      ASSERT_TRUE(eventually([&] { return ran.load(std::memory_order_relaxed) == i; }));
    }
  });
}

TEST_P(TimerCall, WhatItCapturedIsFreedWithTheLastOfTimerAndCall) {
  const int alive = tracked::alive;
  run([&] {
    const std::size_t timers = goro::debug::stats().timers;
    {
      goro::timer stopped = goro::after_func(1h, [held = tracked(1)] {});
      EXPECT_TRUE(stopped.stop());
      EXPECT_EQ(goro::debug::stats().timers, timers);
    }
    EXPECT_EQ(tracked::alive, alive);
    auto called = goro::make_chan<int>();
    goro::after_func(1ms, [called, held = tracked(7)] { called << held.value; });  // dropped: the call still comes
    EXPECT_EQ(called.recv(), 7);
    EXPECT_TRUE(eventually([&] { return tracked::alive == alive; }));
  });
}

}  // namespace
