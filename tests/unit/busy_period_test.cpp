// SPDX-License-Identifier: BSL-1.0
#include "sched/busy_period.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using goro::runtime::busy_period;
using goro::runtime::due_clock;
using goro::runtime::now_ns;

void spend(std::int64_t nanoseconds) {
  const std::int64_t end = now_ns() + nanoseconds;
  while (now_ns() < end) {
  }
}

class BusyPeriod : public testing::Test {
 protected:
  busy_period busy;
  due_clock clock;

  void short_ones(int n) {
    for (int i = 0; i < n; ++i) {
      busy.begin();
      busy.end();
    }
  }
  /// Begins one that is young and expected to be short. On a loaded machine also a short one may take long.
  [[nodiscard]] bool begin_after_short_ones() {
    for (int tries = 0; tries < 10'000; ++tries) {
      short_ones(1);
      busy.begin();
      if (busy.does_without_help(clock)) return true;
      busy.end();
    }
    return false;
  }
};

TEST_F(BusyPeriod, TheFirstOneIsWorthHelp) {
  busy.begin();
  EXPECT_FALSE(busy.does_without_help(clock));
}

TEST_F(BusyPeriod, AfterManyShortOnesThereIsNoneForTheNextWhileItIsYoung) {
  ASSERT_TRUE(begin_after_short_ones());
  spend(busy_period::short_one);
  EXPECT_FALSE(busy.does_without_help(clock));
}

TEST_F(BusyPeriod, AfterALongOneItTakesManyShortOnes) {
  ASSERT_TRUE(begin_after_short_ones());
  spend(10 * busy_period::short_one);
  busy.end();
  short_ones(10);
  busy.begin();
  EXPECT_FALSE(busy.does_without_help(clock));
}

TEST_F(BusyPeriod, WhenOthersMayRelyOnHelpItIsWorthItHoweverYoung) {
  ASSERT_TRUE(begin_after_short_ones());
  busy.is_long();
  EXPECT_FALSE(busy.does_without_help(clock));
}

TEST_F(BusyPeriod, OneThatDidWithoutHelpAndBecomesLongIsToBeFound) {
  ASSERT_TRUE(begin_after_short_ones());
  spend(busy_period::short_one);
  EXPECT_TRUE(busy.is_without_help(now_ns() + 1));
  busy.help_is_sent_for();
  EXPECT_FALSE(busy.is_without_help(now_ns() + 1));
}

TEST_F(BusyPeriod, OneThatAskedForNothingIsNotWithoutHelpHoweverLong) {
  busy.begin();
  spend(2 * busy_period::short_one);
  EXPECT_FALSE(busy.is_without_help(now_ns()));
}

TEST_F(BusyPeriod, WhatHasEndedIsNotWithoutHelp) {
  ASSERT_TRUE(begin_after_short_ones());
  busy.end();
  EXPECT_FALSE(busy.is_without_help(now_ns() + 2 * busy_period::short_one));
  ASSERT_TRUE(begin_after_short_ones());
  busy.forget();
  EXPECT_FALSE(busy.is_without_help(now_ns() + 2 * busy_period::short_one));
  EXPECT_FALSE(busy.does_without_help(clock));
}

TEST_F(BusyPeriod, OneThatGoesOnIsNotBegunAgain) {
  ASSERT_TRUE(begin_after_short_ones());
  spend(busy_period::short_one);
  busy.begin();
  EXPECT_FALSE(busy.does_without_help(clock));
}

}  // namespace
