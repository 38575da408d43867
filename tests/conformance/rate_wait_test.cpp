// SPDX-License-Identifier: BSL-1.0
// wait(): its errors in Go's words, how long it takes at least, and what it gives back.
#include "rate_limits.hpp"

#include <goro/goro.hpp>

#include <limits>
#include <thread>

#include "goro_test.hpp"

namespace {

struct RateWait : on_procs {};
GORO_ON_PROCS(RateWait);

using goro::context;
using goro::rate_errc;
using goro::token_bucket;

template <class F>
std::chrono::nanoseconds time_of(F f) {
  const auto start = goro::clock::now();
  f();
  return goro::clock::now() - start;
}

TEST_P(RateWait, RT09_ContextThatIsDoneTakesNothing) {
  run([] {
    token_bucket limiter(1e-3, 3);
    const auto [ctx, cancel] = context::with_cancel(context::background());
    cancel();
    EXPECT_EQ(limiter.wait(ctx), goro::context_errc::canceled);
    EXPECT_TRUE(limiter.allow(3));
    token_bucket all(goro::unlimited, 0);
    EXPECT_EQ(all.wait(ctx), goro::context_errc::canceled);
  });
}

TEST_P(RateWait, RT09_MoreThanTheBurstIsRefusedInGosWords) {
  run([] {
    token_bucket limiter(10, 3);
    const std::error_code e = limiter.wait(context::background(), 4);
    EXPECT_EQ(e, rate_errc::exceeds_burst);
    EXPECT_NE(e, rate_errc::exceeds_deadline);
    EXPECT_EQ(e.message(), "rate: Wait(n=4) exceeds limiter's burst 3");
    EXPECT_STREQ(e.category().name(), "rate");
    const auto [ctx, cancel] = context::with_cancel(context::background());
    cancel();
    EXPECT_EQ(limiter.wait(ctx, 4), e) << "also if the context is done";
  });
}

TEST_P(RateWait, RT09_ActsNowOrAsSoonAsTheTokensAreThere) {
  run([] {
    token_bucket limiter(10, 3);
    const auto start = goro::clock::now();
    EXPECT_EQ(limiter.wait(start, context::background(), 2), std::error_code());
    EXPECT_GE(time_of([&] { EXPECT_EQ(limiter.wait(start, context::background(), 3), std::error_code()); }), 200ms);
  });
}

TEST_P(RateWait, RT09_CancelledWaitGivesBackWhatItHadReserved) {
  run([] {
    token_bucket limiter(1e-3, 3);
    const auto [ctx, cancel] = context::with_cancel(context::background());
    EXPECT_EQ(limiter.wait(ctx, 2), std::error_code());
    goro::wait_group wg;
    wg.go([&, cancel = cancel] {
      EXPECT_TRUE(eventually_waiting(1, "select"));
      cancel();
    });
    EXPECT_EQ(limiter.wait(ctx, 3), goro::context_errc::canceled);
    wg.wait();
    EXPECT_TRUE(limiter.allow(1));
    EXPECT_FALSE(limiter.allow(1));
  });
}

TEST_P(RateWait, RT09_LongerThanTheContextHasIsRefusedAtOnceInGosWords) {
  run([] {
    token_bucket limiter(1e-3, 3);
    const auto [ctx, cancel] = context::with_timeout(context::background(), 1min);
    EXPECT_EQ(limiter.wait(ctx, 2), std::error_code());
    const std::error_code e = limiter.wait(ctx, 3);
    EXPECT_EQ(e, rate_errc::exceeds_deadline);
    EXPECT_EQ(e.message(), "rate: Wait(n=3) would exceed context deadline");
    EXPECT_STREQ(e.category().name(), "rate");
    EXPECT_TRUE(limiter.allow(1)) << "it took nothing";
  });
}

TEST_P(RateWait, RT09_ContextThatEndsFirstEndsTheWait) {
  run([] {
    token_bucket limiter(1e-3, 1);
    EXPECT_TRUE(limiter.allow());
    const std::error_code e = limiter.wait(context::background(), 2);
    EXPECT_EQ(e, rate_errc::exceeds_burst);
    const auto [ctx, cancel] = context::with_cancel(context::background());
    const auto stop = goro::after_func(20ms, [cancel = cancel] { cancel(); });
    EXPECT_EQ(limiter.wait(ctx), goro::context_errc::canceled);
  });
}

TEST_P(RateWait, RT09_UnlimitedRateWaitsForNothing) {
  run([] {
    token_bucket limiter(goro::unlimited, 0);
    EXPECT_EQ(limiter.wait(context::background(), 3), std::error_code());
  });
}

TEST_P(RateWait, RT10_AfterRateZeroItWaitsForTheNextToken) {
  run([] {
    token_bucket limiter(0, 1);
    EXPECT_TRUE(limiter.allow());
    EXPECT_EQ(limiter.wait(context::background()), rate_errc::exceeds_deadline) << "instead of waiting for ever";
    const auto since = goro::clock::now();
    limiter.set_limit(10);
    EXPECT_EQ(limiter.wait(context::background()), std::error_code());
    EXPECT_GE(goro::clock::now() - since, 100ms);
  });
}

// K4
TEST_P(RateWait, K4_ManyWaitersAreLetThroughAtTheRate) {
  run([] {
    token_bucket limiter(1000, 1);
    const int waiters = 30;
    const auto took = time_of([&] {
      goro::wait_group wg;
      for (int i = 0; i < waiters; ++i)
        wg.go([&] { EXPECT_EQ(limiter.wait(context::background()), std::error_code()); });
      wg.wait();
    });
    EXPECT_GE(took, (waiters - 1) * 1ms);
  });
}

// K4
TEST_P(RateWait, K4_PlainThreadsWaitToo) {
  token_bucket limiter(1000, 1);
  EXPECT_TRUE(limiter.allow());
  const auto took = time_of([&] {
    std::thread a([&] { EXPECT_EQ(limiter.wait(context::background()), std::error_code()); });
    std::thread b([&] { EXPECT_EQ(limiter.wait(context::background()), std::error_code()); });
    a.join();
    b.join();
  });
  EXPECT_GE(took, 1ms);
  const auto [ctx, cancel] = context::with_timeout(context::background(), 1min);
  limiter.set_limit(1e-9);  // what it has is less than one token
  static_cast<void>(limiter.allow());
  EXPECT_EQ(limiter.wait(ctx), rate_errc::exceeds_deadline);
}

// K4
TEST(RateErrors, K4_CodesNameTheirNumbersAndOutliveTheLimiter) {
  const auto refused = [](std::int64_t burst, std::int64_t n) {
    return token_bucket(1, burst).wait(context::background(), n);
  };
  const std::error_code e = refused(1'000'000, 2'000'000);
  EXPECT_EQ(e.message(), "rate: Wait(n=2000000) exceeds limiter's burst 1000000");
  EXPECT_EQ(e, refused(1'000'000, 2'000'000));
  EXPECT_NE(e, refused(1'000'001, 2'000'000));
  EXPECT_EQ(refused(5, std::numeric_limits<std::int64_t>::max()).message(),
            "rate: Wait(n=2147483647 or more) exceeds limiter's burst 5");
  EXPECT_EQ(make_error_condition(rate_errc::exceeds_burst).message(), "rate: Wait exceeds limiter's burst");
  const auto [ctx, cancel] = context::with_deadline(context::background(), goro::clock::now() + 1h);
  token_bucket limiter(1, 1);
  const std::error_code none = limiter.wait(goro::clock::now() + 2h, ctx, 0);
  EXPECT_TRUE(none) << "0 as a value would be no error";
  EXPECT_EQ(none.message(), "rate: Wait(n=0) would exceed context deadline");
}

}  // namespace
