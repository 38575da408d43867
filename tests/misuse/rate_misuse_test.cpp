// SPDX-License-Identifier: BSL-1.0
// Bad input to rate limiters: what is a bug in the program panics with the value and the way out; nothing was taken.
#include <goro/goro.hpp>
#include <goro/rate.hpp>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "last_words.hpp"

namespace {

struct RateMisuse : misuse_on_procs {};
GORO_ON_PROCS(RateMisuse);

using namespace std::chrono_literals;

constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

/// Tries it in a goroutine and on a plain thread.
void expect_panic(const std::string& text, const std::function<void()>& f) {
  const auto of_f = [&] {
    EXPECT_EQ(panic_of([&] {
                f();
                return 0;
              }),
              text);
  };
  of_f();
  goro::run({.max_procs = RateMisuse::GetParam()}, of_f);
}

// K4
TEST_P(RateMisuse, K4_NegativeRatesPanic) {
  const std::string way_out = " per second: it must be 0 or more; goro::unlimited refuses nothing";
  expect_panic("goro::token_bucket: a rate of -1" + way_out, [] { goro::token_bucket(-1, 1); });
  expect_panic("goro::leaky_bucket: a rate of -0.5" + way_out, [] { goro::leaky_bucket(-0.5, 1); });
  expect_panic("goro::token_bucket: a rate of nan" + way_out, [] { goro::token_bucket(std::nan(""), 1); });
  expect_panic("goro::token_bucket: a rate of -inf" + way_out, [] { goro::token_bucket(-goro::unlimited, 1); });
  goro::fixed_window fixed(1, 1s);
  goro::sliding_window sliding(1, 1s);
  expect_panic("goro::fixed_window: a rate of -2" + way_out, [&] { fixed.set_limit(-2); });
  expect_panic("goro::sliding_window: a rate of -2" + way_out, [&] { sliding.set_limit(-2); });
  EXPECT_TRUE(fixed.allow());
  EXPECT_TRUE(sliding.allow()) << "it is not left locked";
}

// K4
TEST_P(RateMisuse, K4_NegativeBurstsPanic) {
  expect_panic("goro::token_bucket: a burst of -1: it must be 0 or more", [] { goro::token_bucket(1, -1); });
  expect_panic("goro::leaky_bucket: a burst of -2: it must be 0 or more", [] { goro::leaky_bucket(1, -2); });
  expect_panic("goro::fixed_window: a burst of -3: it must be 0 or more", [] { goro::fixed_window(-3, 1s); });
  expect_panic("goro::sliding_window: a burst of -9223372036854775808: it must be 0 or more",
               [] { goro::sliding_window(least, 1s); });
  goro::token_bucket limiter(1, 1);
  expect_panic("goro::token_bucket: a burst of -4: it must be 0 or more", [&] { limiter.set_burst(-4); });
  EXPECT_TRUE(limiter.allow());
}

// K4
TEST_P(RateMisuse, K4_NegativeNumbersOfEventsPanicAndTakeNothing) {
  const std::string text = "goro::token_bucket: n = -2 is negative: only reservation::cancel() gives something back";
  goro::token_bucket limiter(1e-3, 2);
  goro::keyed<goro::token_bucket, int> keyed(1e-3, 2);
  const auto now = goro::clock::now();
  const auto ctx = goro::context::background();
  expect_panic(text, [&] { static_cast<void>(limiter.allow(-2)); });
  expect_panic(text, [&] { static_cast<void>(limiter.allow(now, -2)); });
  expect_panic(text, [&] { static_cast<void>(limiter.reserve(-2)); });
  expect_panic(text, [&] { static_cast<void>(limiter.reserve(now, -2, 1s)); });
  expect_panic(text, [&] { static_cast<void>(limiter.wait(ctx, -2)); });
  expect_panic(text, [&] { static_cast<void>(limiter.wait(now, ctx, -2)); });
  expect_panic(text, [&] { static_cast<void>(keyed.allow(1, -2)); });
  expect_panic(text, [&] { static_cast<void>(keyed.reserve(1, -2)); });
  expect_panic(text, [&] { static_cast<void>(keyed.wait(ctx, 1, -2)); });
  EXPECT_TRUE(limiter.allow(2));
  EXPECT_FALSE(limiter.allow());
  EXPECT_EQ(keyed.size(), 0u);
}

TEST_P(RateMisuse, WindowsAndTablesOfNoSizePanic) {
  const std::string way_out = " ns: it must be longer than nothing; set_limit(goro::unlimited) refuses nothing";
  expect_panic("goro::fixed_window: a window of 0" + way_out, [] { goro::fixed_window(1, 0s); });
  expect_panic("goro::sliding_window: a window of -1000000" + way_out, [] { goro::sliding_window(1, -1ms); });
  expect_panic("goro::fixed_window: a window of -9223372036854775808" + way_out,
               [] { goro::keyed<goro::fixed_window, int>(1, std::chrono::hours::min()); });
  expect_panic("goro::keyed: room for 0 keys: it must be 1 or more",
               [] { goro::keyed<goro::token_bucket, int>(1, 1, 0); });
}

// K4
TEST_P(RateMisuse, K4_MoreThanTheBurstIsRefusedByEveryCallAndNothingHangs) {
  const auto check = [](auto&& limiter) {
    EXPECT_FALSE(limiter.allow(3));
    auto r = limiter.reserve(3);
    EXPECT_FALSE(r.ok());
    EXPECT_EQ(r.delay(), std::chrono::nanoseconds::max());
    r.cancel();
    EXPECT_EQ(limiter.wait(goro::context::background(), 3), goro::rate_errc::exceeds_burst);
    EXPECT_TRUE(limiter.allow(2)) << "nothing was taken";
  };
  const auto check_all = [&] {
    check(goro::token_bucket(1e-3, 2));
    check(goro::leaky_bucket(1e-3, 2));
    check(goro::fixed_window(2, 1h));
    check(goro::sliding_window(2, 1h));
  };
  check_all();
  goro::run({.max_procs = GetParam()}, check_all);
}

TEST_P(RateMisuse, ANilContextPanicsAndTakesNothing) {
  goro::token_bucket limiter(1e-3, 1);
  EXPECT_NE(panic_of([&] { return limiter.wait(goro::context()); }), "no panic");
  EXPECT_TRUE(limiter.allow());
}

}  // namespace
