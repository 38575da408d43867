// SPDX-License-Identifier: BSL-1.0
// Timers next to busy processors, next to a crowd of goroutines, and while everybody sleeps.
#include <goro/debug.hpp>
#include <goro/goro.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

struct GoTimers : on_procs {};
GORO_ON_PROCS(GoTimers);

struct receiver {
  std::atomic<int>* finished;
  void finish() const { ++*finished; }
};

TEST_P(GoTimers, GO05_TenThousandGoroutinesEachWithADeferredCallAndASleep) {
  run([] {
    const int n = scale(10'000, 2'000);
    std::atomic<int> finished{0};
    goro::wait_group wg;
    for (int i = 0; i < n; ++i) {
      wg.go([&] {
        const receiver r{&finished};
        goro::defer deferred{[&] { r.finish(); }};
        goro::sleep(100ms);
      });
    }
    wg.wait();
    EXPECT_EQ(finished, n);
  });
}

TEST_P(GoTimers, GO12_TwoGoroutinesThatKeepMainBusyDoNotHoldUpATimer) {
  run([] {
    auto busy = goro::make_chan<void>();
    auto stop = goro::make_chan<void>();
    goro::wait_group wg;
    for (int i = 0; i < 2; ++i) {
      wg.go([=] {
        for (bool running = true; running;) {
          goro::select(goro::send(busy), goro::recv(stop, [&] { running = false; }));
        }
      });
    }
    auto timer = goro::after(20ms);
    bool fired = false;
    while (!fired) goro::select(goro::recv(busy), goro::recv(timer, [&](auto) { fired = true; }));
    stop.close();
    wg.wait();
    EXPECT_TRUE(fired);
  });
}

TEST_P(GoTimers, GO16_ASleepingProcessIsWokenEarlyForShortTimersManyAtOnce) {
  run([] {
    goro::timer far = goro::after_func(1h, [] {});  // what the idle ones wait for
    for (int round = 0; round < 20; ++round) {
      constexpr int n = 10;
      auto fired = goro::make_chan<void>(n);
      const auto start = goro::clock::now();
      {
        std::vector<std::thread> setters;
        for (int i = 0; i < n; ++i) {
          setters.emplace_back([fired] { goro::after_func(1ms, [fired] { fired.send(); }); });
        }
        for (int i = 0; i < n; ++i) EXPECT_TRUE(fired.recv());
        for (auto& setter : setters) setter.join();
      }
      EXPECT_GE(goro::clock::now() - start, 1ms);
    }
    EXPECT_TRUE(far.stop());
  });
}

struct GoTimersOnOneProcessor : leak_checked {};

TEST_F(GoTimersOnOneProcessor, WhomATimerWakesRunsAheadOfTheQueue) {
  goro::run({.max_procs = 1}, [] {
    constexpr int in_queue = 100;
    std::atomic<bool> stop{false};
    std::atomic<int> turns{0};
    goro::wait_group wg;
    for (int i = 0; i < in_queue; ++i) {
      wg.go([&] {
        for (; !stop; goro::gosched()) ++turns;
      });
    }
    // The time is over before the next one yields. The median, because the machine may disturb some.
    std::array<int, 51> others_turns;
    for (int& between : others_turns) {
      const int before = turns;
      goro::sleep(1ns);
      between = turns - before;
    }
    stop = true;
    wg.wait();
    std::ranges::sort(others_turns);
    EXPECT_LE(others_turns[others_turns.size() / 2], in_queue / 2);
  });
}

}  // namespace
