// SPDX-License-Identifier: BSL-1.0
// What all processors share stays untouched by what goroutines do on one of them: counted, so that a lock or a counter
// that comes onto a hot path is noticed on a machine with few CPUs too.
#include <goro_test.hpp>

#include <chrono>
#include <cstdint>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/sync.hpp>
#include <goro/time.hpp>

#include "sched/scheduler.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;

const int many = scale(100'000);

class SharedState : public leak_checked {
 protected:
  /// Of `many` operations one in `per_touch`, but for what the ends of time slices take.
  template <class Work>
  static void expect_untouched_by(Work work, int per_touch = 50) {
    goro::run({.max_procs = 1}, [&] {
      const auto start = std::chrono::steady_clock::now();
      const auto before = goro::debug::stats();
      work();
      const auto after = goro::debug::stats();
      const auto slices = static_cast<std::uint64_t>((std::chrono::steady_clock::now() - start) / 10ms);
      const auto of_time = 10 * slices;
      EXPECT_LT(after.global_locks - before.global_locks, static_cast<std::uint64_t>(many / per_touch) + of_time);
      EXPECT_LT(after.shared_writes - before.shared_writes, static_cast<std::uint64_t>(many / 50) + of_time);
      EXPECT_LT(after.barriers - before.barriers, static_cast<std::uint64_t>(many / 50) + of_time);
    });
  }
};

TEST_F(SharedState, IsUntouchedByMessages) {
  expect_untouched_by([] {
    const auto there = goro::make_chan<int>();
    const auto back = goro::make_chan<int>(1);
    goro::go([=] {
      while (const auto v = there.recv()) back.send(*v);
    });
    for (int i = 0; i < many; ++i) {
      there.send(i);
      static_cast<void>(back.recv());
    }
    there.close();
    goro::gosched();
  });
}

TEST_F(SharedState, IsUntouchedByTimersAndContexts) {
  expect_untouched_by([] {
    const auto [parent, cancel] = context::with_cancel(context::background());
    for (int i = 0; i < many; ++i) {
      goro::after_func(1h, [] {}).stop();
      context::with_cancel(parent).second();
    }
  });
}

TEST_F(SharedState, IsUntouchedByChannelsThatComeAndGo) {
  expect_untouched_by([] {
    for (int i = 0; i < many; ++i) goro::make_chan<int>(1).send(i);
  });
}

TEST_F(SharedState, IsNearlyUntouchedByGoroutinesThatComeAndGo) {
  expect_untouched_by([] {
    goro::wait_group group;
    for (int i = 0; i < many; ++i) {
      group.go([] {});
      if (i % 100 == 0) group.wait();
    }
    group.wait();
  });
}

TEST_F(SharedState, IsTouchedOnceForManyStacks) {
  constexpr int together = 1000;
  const auto wait_together = [] {
    for (int n = 0; n < many; n += together) {
      const auto gate = goro::make_chan<void>();
      goro::wait_group begun;
      goro::wait_group ended;
      begun.add(together);
      for (int i = 0; i < together; ++i) {
        ended.go([&] {
          begun.done();
          gate.recv();
        });
      }
      begun.wait();
      gate.close();
      ended.wait();
    }
  };
  expect_untouched_by(wait_together, 8);
}

TEST(SharedStateLayout, WhatIsReadAtEveryWakeSharesNoLineWithWhatOthersWrite) {
  const goro::runtime::scheduler& s = goro::runtime::sched;
  const auto line_of = [](const auto& field) { return reinterpret_cast<std::uintptr_t>(&field) / 64; };
  for (const auto hot : {line_of(s.era), line_of(s.processor_count), line_of(s.stopping), line_of(s.processors[0])}) {
    for (const auto written :
         {line_of(s.idle_count), line_of(s.spinning), line_of(s.dozing), line_of(s.global_size), line_of(s.sentinel),
          line_of(s.last_id), line_of(s.lock), line_of(s.stirrings), line_of(s.outside_timers)})
      EXPECT_NE(hot, written);
  }
  for (const auto written : {line_of(s.global_size), line_of(s.sentinel), line_of(s.last_id), line_of(s.lock)})
    EXPECT_NE(line_of(s.idle_count), written);
  EXPECT_NE(line_of(s.global_size), line_of(s.lock));
}

TEST_F(SharedState, IsCountedWhenAGoroutineIsTiedToItsThread) {
  goro::run({.max_procs = 1}, [] {
    const goro::os_thread_lock tied;
    const auto before = goro::debug::stats();
    const auto c = goro::make_chan<int>();
    goro::go([=] {
      while (c.recv()) {
      }
    });
    for (int i = 0; i < 10; ++i) c.send(i);
    c.close();
    goro::gosched();
    EXPECT_GE(goro::debug::stats().global_locks - before.global_locks, 10U);
  });
}

}  // namespace
