// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <random>
#include <thread>

#include "goro_test.hpp"
#include "os/clock.hpp"

namespace {

using goro::runtime::due_clock;
using goro::runtime::now_ns;

TEST(DueClock, IsNeverEarlierThanTheClockAndAtMostAMicrosecondLater) {
  due_clock c;
  std::mt19937_64 random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    const std::int64_t before = now_ns();
    const std::int64_t t = c.now();
    const std::int64_t after = now_ns();
    ASSERT_GE(t, before) << "reading " << i;
    ASSERT_LE(t, after + 1000) << "reading " << i;
    for (std::uint64_t pause = random() % 32; pause-- > 0;) asm volatile("");
  }
}

TEST(DueClock, IsNeverEarlierThanTheClockWhereverItsThreadRuns) {
  due_clock c;
  for (int i = 0; i < 200; ++i) {
    std::thread([&] {
      for (int k = 0; k < 100; ++k) {
        const std::int64_t before = now_ns();
        const std::int64_t t = c.now();
        ASSERT_GE(t, before) << "thread " << i << ", reading " << k;
        ASSERT_LE(t, now_ns() + 1000) << "thread " << i << ", reading " << k;
      }
    }).join();
  }
}

TEST(DueClock, NeverSaysTheSameTwice) {
  due_clock c;
  std::int64_t last = c.now();
  for (int i = 0; i < 1'000'000; ++i) {
    const std::int64_t t = c.now();
    ASSERT_GT(t, last) << "reading " << i;
    last = t;
  }
}

TEST(DueClock, IsBeforeNoTimeThatHasPassed) {
  due_clock c;
  std::mt19937_64 random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    if (random() % 64 == 0) c.look();
    const std::int64_t when = now_ns() + static_cast<std::int64_t>(random() % 2000) - 500;
    const std::int64_t before = now_ns();
    if (c.is_before(when)) {
      ASSERT_LT(before, when) << "reading " << i;
    }
  }
}

TEST(DueClock, IsBeforeAnHourFromNowWithoutAnotherLookWhereTicksTellTheTime) {
  due_clock c;
  const std::int64_t now = c.look();
  EXPECT_EQ(c.is_before(now + 3600 * goro::runtime::second), goro::runtime::ticks_tell_time());
}

TEST(DueClock, GoesAsFarAsATimeThatHasComeAndNeverFurtherThanTheClock) {
  due_clock c;
  std::mt19937_64 random(1);
  for (int i = 0; i < 1'000'000; ++i) {
    if (random() % 64 == 0) c.look();
    const std::int64_t before = now_ns();
    const std::int64_t when = before + static_cast<std::int64_t>(random() % 2000) - 1000;
    const std::int64_t t = c.as_far_as(when);
    ASSERT_LE(t, now_ns()) << "reading " << i;
    if (when <= before) {
      ASSERT_GE(t, when) << "reading " << i;
    }
  }
}

}  // namespace
