// SPDX-License-Identifier: BSL-1.0
// Go's rate.Limiter: allow, reserve, cancel, and what changes while it is in use. All times are explicit.
#include "rate_limits.hpp"

#include <goro/goro.hpp>

#include <cmath>
#include <limits>

#include "goro_test.hpp"

namespace {

struct RateTokenBucket : on_procs {};
GORO_ON_PROCS(RateTokenBucket);

using goro::token_bucket;

TEST(RateLimit, RT01_EveryTurnsAnIntervalIntoARate) {
  const std::pair<std::chrono::nanoseconds, double> table[] = {
      {0ns, goro::unlimited},
      {-1ns, goro::unlimited},
      {1ns, 1e9},
      {1us, 1e6},
      {1ms, 1e3},
      {10ms, 100},
      {100ms, 10},
      {1s, 1},
      {2s, 0.5},
      {2500ms, 0.4},
      {4s, 0.25},
      {10s, 0.1},
      {std::chrono::nanoseconds::max(), 1e9 / 9223372036854775807.0},
  };
  for (const auto& [interval, rate] : table) EXPECT_DOUBLE_EQ(goro::every(interval), rate) << interval.count();
  EXPECT_EQ(token_bucket(goro::every(100ms), 1).limit(), 10);
  EXPECT_EQ(token_bucket(10, 1).limit(), 10.0);
}

TEST(RateTokenBucketTable, RT02_BurstOfOne) {
  token_bucket limiter(10, 1);
  expect_answers(limiter, {{0, 1, 1, true},
                           {0, 0, 1, false},
                           {0, 0, 1, false},
                           {1, 1, 1, true},
                           {1, 0, 1, false},
                           {1, 0, 1, false},
                           {2, 1, 2, false},  // never: the burst is 1
                           {2, 1, 1, true},
                           {2, 0, 1, false}});
}

TEST(RateTokenBucketTable, RT02_BurstOfThree) {
  token_bucket limiter(10, 3);
  expect_answers(limiter, {{0, 3, 2, true},
                           {0, 1, 2, false},
                           {0, 1, 1, true},
                           {0, 0, 1, false},
                           {1, 1, 4, false},
                           {2, 2, 1, true},
                           {3, 2, 1, true},
                           {4, 2, 1, true},
                           {4, 1, 1, true},
                           {4, 0, 1, false},
                           {4, 0, 1, false},
                           {9, 3, 3, true},
                           {9, 0, 0, true}});
}

TEST(RateTokenBucketTable, RT12_StepsBackwardsAddNoTokens) {
  token_bucket limiter(10, 3);
  expect_answers(limiter, {{1, 3, 1, true},
                           {0, 2, 1, true},
                           {0, 1, 1, true},
                           {0, 0, 1, false},
                           {0, 0, 1, false},
                           {1, 1, 1, true},
                           {1, 0, 1, false},
                           {1, 0, 1, false},
                           {2, 1, 1, true},
                           {2, 0, 1, false},
                           {2, 0, 1, false}});
}

TEST_P(RateTokenBucket, RT03_AFractionOfATokenIsNotLostByRounding) {
  run([] { EXPECT_TRUE(token_bucket(0.7692307692307693, 1).allow()); });
}

TEST_P(RateTokenBucket, RT04_OfFifteenAtOnceExactlyTheBurstOfFiveIsAllowed) {
  run([] {
    token_bucket limiter(1e-3, 5);
    std::atomic<int> allowed{0};
    goro::wait_group wg;
    for (int i = 0; i < 15; ++i) wg.go([&] { allowed += limiter.allow(); });
    wg.wait();
    EXPECT_EQ(allowed, 5);
  });
}

TEST(RateTokenBucketTable, RT05_FiveSecondsAtAHundredASecondAreExactToAThousandth) {
  token_bucket limiter(100, 100);
  int allowed = 0;
  const auto start = at(0);
  auto now = start;
  for (; now < start + 5s; now += 2ms) allowed += limiter.allow(now, 1);
  const double ideal = 100 + 100 * std::chrono::duration<double>(now - start).count();
  EXPECT_LE(allowed, static_cast<int>(ideal + 1));
  EXPECT_GE(allowed, static_cast<int>(0.999 * ideal));
}

TEST(RateReserve, RT06_ReservationsComeDueAtTheRate) {
  token_bucket limiter(10, 2);
  reserve(limiter, 0, 2, 0);
  reserve(limiter, 0, 2, 2);
  reserve(limiter, 3, 2, 4);
}

TEST(RateReserve, RT06_MixedWithAllow) {
  token_bucket limiter(10, 2);
  reserve(limiter, 0, 3, never);
  reserve(limiter, 0, 2, 0);
  expect_answers(limiter, {{1, 1, 2, false}});
  reserve(limiter, 1, 2, 2);
  expect_answers(limiter, {{1, -1, 1, false}, {3, 1, 1, true}});
}

TEST(RateReserve, RT06_OneThatWouldWaitTooLongIsRefusedAndTakesNothing) {
  token_bucket limiter(10, 2);
  reserve(limiter, 0, 2, 0, d);
  reserve(limiter, 0, 1, 1, d);
  reserve(limiter, 0, 1, never, d);
  reserve(limiter, 0, 1, 2);
  reserve(limiter, 9, 1, never, -1ns);
  reserve(limiter, 0, 1, 3, std::chrono::nanoseconds::max());
}

// TestReserveJumpBack: "should violate Limit, Burst"
TEST(RateReserve, RT06_AfterAStepBackwardsTokensAccrueAnew) {
  token_bucket limiter(10, 2);
  reserve(limiter, 1, 2, 1);
  reserve(limiter, 0, 1, 1);
  reserve(limiter, 2, 2, 3);
}

TEST(RateCancel, RT07_OfARefusedOneDoesNothing) {
  token_bucket limiter(10, 2);
  reserve(limiter, 0, 2, 0);
  auto refused = reserve(limiter, 0, 3, never);
  refused.cancel(at(0));
  reserve(limiter, 0, 2, 2);
}

TEST(RateCancel, RT07_OfTheLastGivesAllBack) {
  token_bucket limiter(10, 2);
  reserve(limiter, 0, 2, 0);
  auto last = reserve(limiter, 0, 2, 2);
  last.cancel(at(1));
  reserve(limiter, 1, 2, 2);
}

TEST(RateCancel, RT07_TooLateGivesNothingBack) {
  token_bucket limiter(10, 2);
  reserve(limiter, 0, 2, 0);
  auto last = reserve(limiter, 0, 2, 2);
  last.cancel(at(3));
  reserve(limiter, 3, 2, 4);
}

TEST(RateCancel, RT07_GivesNothingBackThatALaterOneHasBuiltUpon) {
  token_bucket limiter(10, 2);
  reserve(limiter, 0, 2, 0);
  auto first = reserve(limiter, 0, 1, 1);
  reserve(limiter, 0, 1, 2);
  first.cancel(at(0));
  reserve(limiter, 0, 1, 3);
}

TEST(RateCancel, RT07_GivesBackTheOneTokenThatALaterOneHasNotBuiltUpon) {
  token_bucket limiter(10, 2);
  reserve(limiter, 0, 2, 0);
  auto first = reserve(limiter, 0, 2, 2);
  reserve(limiter, 0, 1, 3);
  first.cancel(at(2));
  reserve(limiter, 2, 2, 4);
}

TEST(RateCancel, RT07_OfSeveralIsAsIfTheLaterOneHadNeverBeen) {
  token_bucket limiter(10, 4);
  reserve(limiter, 0, 4, 0);
  auto a = reserve(limiter, 0, 3, 3);
  reserve(limiter, 0, 1, 4);
  auto c = reserve(limiter, 0, 1, 5);
  c.cancel(at(1));  // one token back
  a.cancel(at(1));  // two
  reserve(limiter, 1, 3, 5);
}

// Go gives two back for b, and lets one more through than the limit.
TEST(RateCancel, RT07_GivesNoMoreBackThanWasTakenIfALaterOneIsDueBefore) {
  token_bucket limiter(10, 4);
  reserve(limiter, 0, 4, 0);
  auto a = reserve(limiter, 0, 3, 3);
  auto b = reserve(limiter, 0, 1, 4);
  a.cancel(at(0));  // two tokens back
  reserve(limiter, 0, 1, 3);
  b.cancel(at(0));  // one
  reserve(limiter, 0, 1, 3);
}

TEST(RateCancel, RT07_ASecondTimeAndOfOneThatWasMovedDoNothing) {
  token_bucket limiter(10, 4);
  reserve(limiter, 0, 4, 0);
  auto a = reserve(limiter, 0, 2, 2);
  auto b = reserve(limiter, 0, 2, 4);
  b.cancel(at(0));
  b.cancel(at(0));
  auto moved = std::move(a);
  a.cancel(at(0));
  EXPECT_TRUE(moved.ok());
  reserve(limiter, 0, 1, 3);
}

TEST(RateCancel, RT07_DroppingAReservationCancelsNothing) {
  token_bucket limiter(10, 2);
  static_cast<void>(reserve(limiter, 0, 2, 0));
  reserve(limiter, 0, 1, 1);
}

// TestReserveJumpBackCancel: "should violate Limit, Burst"
TEST(RateCancel, RT07_AtAnEarlierTimeGivesOneTokenBack) {
  token_bucket limiter(10, 2);
  reserve(limiter, 1, 2, 1);
  auto r = reserve(limiter, 1, 2, 3);
  reserve(limiter, 1, 1, 4);
  r.cancel(at(0));
  reserve(limiter, 1, 2, 4);
}

TEST(RateChange, RT08_OfTheRateKeepsEarlierPromises) {
  token_bucket limiter(5, 2);
  reserve(limiter, 0, 2, 0);
  reserve(limiter, 0, 2, 4);
  limiter.set_limit(at(2), 10);
  EXPECT_EQ(limiter.limit(), 10);
  reserve(limiter, 2, 1, 4);
}

TEST(RateChange, RT08_OfTheBurstKeepsEarlierPromises) {
  token_bucket limiter(5, 2);
  reserve(limiter, 0, 2, 0);
  reserve(limiter, 0, 2, 4);
  limiter.set_burst(at(3), 4);
  EXPECT_EQ(limiter.burst(), 4);
  reserve(limiter, 0, 4, 9);
}

TEST(RateChange, RT08_CancelGoesByTheRateOfTheReservation) {
  token_bucket limiter(5, 2);
  reserve(limiter, 0, 2, 0);
  auto r = reserve(limiter, 0, 2, 4);
  limiter.set_limit(at(2), 10);
  r.cancel(at(2));
  reserve(limiter, 2, 2, 3);
}

TEST_P(RateTokenBucket, RT10_AtRateZeroTheBurstAndThenNothing) {
  run([] {
    token_bucket limiter(0, 1);
    EXPECT_TRUE(limiter.allow());
    EXPECT_FALSE(limiter.allow());
    EXPECT_FALSE(limiter.allow(goro::clock::now() + 100000h, 1));
    EXPECT_FALSE(limiter.reserve().ok()) << "it would never come due";
  });
}

TEST(RateChange, RT10_AfterRateZeroItRefills) {
  token_bucket limiter(0, 1);
  EXPECT_TRUE(limiter.allow(at(0)));
  EXPECT_FALSE(limiter.allow(at(100)));
  limiter.set_limit(at(100), 10);
  reserve(limiter, 100, 1, 101);
}

TEST_P(RateTokenBucket, RT13_ATinyRateDoesNotOverflow) {
  run([] {
    token_bucket limiter(1e-10, 1);
    EXPECT_TRUE(limiter.allow());
    EXPECT_FALSE(limiter.allow());
    EXPECT_FALSE(limiter.reserve().ok()) << "not in 317 years";
  });
}

// K4
TEST(RateUnlimited, K4_AllowsAllWhateverTheBurstAndCountsNothing) {
  token_bucket limiter(goro::unlimited, 0);
  EXPECT_TRUE(limiter.allow(at(0), 1'000'000));
  auto r = limiter.reserve(at(0), 5);
  EXPECT_EQ(r.delay(at(0)), 0ns);
  limiter.set_limit(at(0), 10);
  limiter.set_burst(at(0), 3);
  EXPECT_EQ(limiter.tokens(at(0)), 0);
  r.cancel(at(0));
  EXPECT_EQ(limiter.tokens(at(0)), 0) << "nothing had been taken";
  EXPECT_EQ(limiter.tokens(at(2)), 2);
}

TEST(RateUnlimited, K4_TimesAtTheEndsOfTheClockDoNotOverflow) {
  constexpr auto first = goro::clock::time_point::min(), last = goro::clock::time_point::max();
  token_bucket limiter(1, 2);
  EXPECT_TRUE(limiter.allow(first, 2));
  EXPECT_TRUE(limiter.allow(last, 2));
  EXPECT_FALSE(limiter.allow(last, 1));
  auto r = limiter.reserve(first, 1);
  EXPECT_EQ(r.delay(last), 0ns);
  r.cancel(last);
  limiter.set_limit(last, 1e300);
  limiter.set_burst(first, std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(limiter.reserve(last, 1, std::chrono::hours::max()).ok());
}

}  // namespace
