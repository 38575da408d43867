// SPDX-License-Identifier: BSL-1.0
// A process of its own: it uses up the categories.
#include <goro/context.hpp>
#include <goro/rate.hpp>

#include <system_error>

#include <gtest/gtest.h>

namespace {

TEST(RateErrors, BurstsBeyondTheThousandthAreNotNamedAndTakeNoMemory) {
  const auto refused = [](int burst) { return goro::token_bucket(1, burst).wait(goro::context::background(), 20'000); };
  const std::error_code first = refused(10'000);
  std::error_code last;
  for (int burst = 10'001; burst < 13'000; ++burst) last = refused(burst);
  EXPECT_EQ(last, goro::rate_errc::exceeds_burst);
  EXPECT_EQ(last.message(), "rate: Wait(n=20000) exceeds limiter's burst");
  EXPECT_EQ(refused(10'000), first);
  EXPECT_EQ(first.message(), "rate: Wait(n=20000) exceeds limiter's burst 10000");
}

}  // namespace
