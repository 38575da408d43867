// SPDX-License-Identifier: BSL-1.0
#include "sched/wait_budget.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace {

using goro::runtime::microsecond;
using goro::runtime::millisecond;
using goro::runtime::wait_budget;

class WaitBudget : public testing::Test {
 protected:
  static constexpr std::int64_t price = 10 * microsecond;

  /// A wait that ends, after which `timers` fire.
  void wait(std::int64_t timers) {
    budget.pay(price, now, fired);
    fired += timers;
  }
  /// As much as may be spent in advance.
  void overdraw(std::int64_t timers) {
    while (budget.end_for(0) <= now) wait(timers);
  }
  /// How long the next wait has to take at least.
  [[nodiscard]] std::int64_t to_be_earned() const { return budget.end_for(0) - now; }

  wait_budget budget;
  std::int64_t now = 1'000 * millisecond;
  std::int64_t fired = 0;
};

TEST_F(WaitBudget, AWaitEndsWhenTheTimerIsDue) { EXPECT_EQ(budget.end_for(now + 7), now + 7); }

TEST_F(WaitBudget, NowAndThenAWaitMayCostWhatItTakes) {
  for (int i = 0; i < 100; ++i) {
    wait(1);
    now += millisecond;
    EXPECT_EQ(budget.end_for(now), now);
  }
}

TEST_F(WaitBudget, ForAMillisecondWaitsMayTakeMore) {
  int waits = 0;
  for (; budget.end_for(0) <= now; ++waits) wait(1);
  EXPECT_EQ(waits, wait_budget::in_advance / (4 * price) + 1);
}

TEST_F(WaitBudget, WhereFewTimersFireAQuarterOfTheTimeIsForWaiting) {
  overdraw(1);
  const std::int64_t before = to_be_earned();
  wait(1);
  EXPECT_EQ(to_be_earned() - before, 4 * price);
}

TEST_F(WaitBudget, WhereManyTimersFireBetweenTwoWaitsItIsAnEighth) {
  overdraw(wait_budget::many);
  const std::int64_t before = to_be_earned();
  wait(1);
  EXPECT_EQ(to_be_earned() - before, 8 * price);
  wait(1);
  EXPECT_EQ(to_be_earned() - before, 12 * price) << "only the wait before had many";
}

TEST_F(WaitBudget, FewerTimersThanBeforeAreFew) {  // gomaxprocs() takes a processor's count away
  fired = 1'000;
  wait(0);
  fired = 10;
  overdraw(1);
  const std::int64_t before = to_be_earned();
  wait(1);
  EXPECT_EQ(to_be_earned() - before, 4 * price);
}

TEST_F(WaitBudget, WhatIsDueBeforeASleepWouldBeOverIsNotWorthOne) {
  EXPECT_FALSE(budget.is_worth_a_sleep(wait_budget::first_price));
  EXPECT_TRUE(budget.is_worth_a_sleep(wait_budget::first_price + 1));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(budget.price_of_sleep(20 * microsecond, 0), 20 * microsecond);
  EXPECT_FALSE(budget.is_worth_a_sleep(19 * microsecond));
  EXPECT_TRUE(budget.is_worth_a_sleep(21 * microsecond));
}

TEST_F(WaitBudget, WhoIsWokenLateIsWokenThatMuchEarlierTheNextTime) {
  const std::int64_t end = now + millisecond;
  EXPECT_EQ(budget.wake_time(end, now), end);
  for (int i = 0; i < 100; ++i) budget.price_of_sleep(0, 50 * microsecond);
  EXPECT_NEAR(budget.wake_time(end, now), end - 50 * microsecond, 10);
  EXPECT_EQ(budget.wake_time(now + 100 * microsecond, now), now + 100 * microsecond) << "too little to divide";
}

TEST_F(WaitBudget, WhatAnotherProcessTakesIsNotPaidFor) {
  EXPECT_EQ(budget.price_of_sleep(10 * millisecond, 10 * millisecond), wait_budget::most);
  EXPECT_EQ(wait_budget::price_of_spin(10 * millisecond), wait_budget::most);
  EXPECT_GE(budget.wake_time(now + millisecond, now), now + millisecond - wait_budget::most);
}

}  // namespace
