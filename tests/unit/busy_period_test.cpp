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

  /// On a loaded machine also a short one may take long.
  [[nodiscard]] bool begin_after_short_ones() {
    for (int tries = 0; tries < 10'000; ++tries) {
      busy.begin();
      if (busy.is_expected_to_be_short() && busy.is_young(clock)) return true;
      busy.end();
    }
    return false;
  }
};

TEST_F(BusyPeriod, TheFirstOneIsNotExpectedToBeShort) {
  busy.begin();
  EXPECT_FALSE(busy.is_expected_to_be_short());
}

TEST_F(BusyPeriod, AfterManyShortOnesTheNextIsExpectedToBeShort) { ASSERT_TRUE(begin_after_short_ones()); }

TEST_F(BusyPeriod, IsYoungForAsLongAsAShortOne) {
  ASSERT_TRUE(begin_after_short_ones());
  spend(busy_period::short_one);
  EXPECT_FALSE(busy.is_young(clock));
}

TEST_F(BusyPeriod, AfterALongOneItTakesManyShortOnes) {
  ASSERT_TRUE(begin_after_short_ones());
  spend(10 * busy_period::short_one);
  busy.end();
  for (int i = 0; i < 10; ++i) {
    busy.begin();
    busy.end();
  }
  busy.begin();
  EXPECT_FALSE(busy.is_expected_to_be_short());
}

TEST_F(BusyPeriod, WhereOthersMayRelyOnHelpItIsNotExpectedToBeShort) {
  ASSERT_TRUE(begin_after_short_ones());
  busy.expect_long();
  EXPECT_FALSE(busy.is_expected_to_be_short());
}

TEST_F(BusyPeriod, OneThatDidWithoutHelpAndBecomesLongIsFoundOnce) {
  ASSERT_TRUE(begin_after_short_ones());
  busy.does_without_help();
  spend(busy_period::short_one);
  EXPECT_TRUE(busy.is_without_help(now_ns() + 1));
  busy.help_is_sent_for();
  EXPECT_FALSE(busy.is_without_help(now_ns() + 1));
}

TEST_F(BusyPeriod, OneThatNeededNoHelpIsNotWithoutHoweverLong) {
  busy.begin();
  spend(2 * busy_period::short_one);
  EXPECT_FALSE(busy.is_without_help(now_ns()));
}

TEST_F(BusyPeriod, WhatHasEndedIsNotWithoutHelp) {
  ASSERT_TRUE(begin_after_short_ones());
  busy.does_without_help();
  busy.end();
  EXPECT_FALSE(busy.is_without_help(now_ns() + 2 * busy_period::short_one));
  ASSERT_TRUE(begin_after_short_ones());
  busy.does_without_help();
  busy.forget();
  EXPECT_FALSE(busy.is_without_help(now_ns() + 2 * busy_period::short_one));
}

TEST_F(BusyPeriod, OneThatGoesOnIsNotBegunAgain) {
  ASSERT_TRUE(begin_after_short_ones());
  spend(busy_period::short_one);
  busy.begin();
  EXPECT_FALSE(busy.is_young(clock));
}

}  // namespace
