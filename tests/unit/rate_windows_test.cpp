// SPDX-License-Identifier: BSL-1.0
// The limiters that Go does not have: leaky bucket, fixed and sliding windows.
#include <goro/goro.hpp>
#include <goro/rate.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;
using time_point = goro::clock::time_point;

constexpr time_point t0{1000h};

/// The answers to allow(1) at these times after t0.
template <class Limiter>
std::string answers(Limiter& limiter, const std::vector<nanoseconds>& times) {
  std::string all;
  for (const nanoseconds t : times) all += limiter.allow(t0 + t) ? 'y' : 'n';
  return all;
}

template <class Limiter>
nanoseconds delay(Limiter& limiter, nanoseconds t, std::int64_t n = 1) {
  return limiter.reserve(t0 + t, n).delay(t0 + t);
}

TEST(LeakyBucket, TakesWhatFitsAndLeaksEvenly) {
  goro::leaky_bucket limiter(10, 3);
  EXPECT_EQ(answers(limiter, {0ms, 0ms, 0ms, 0ms, 50ms, 100ms, 100ms, 300ms, 300ms, 300ms}), "yyynnynyyn");
  EXPECT_FALSE(limiter.allow(t0 + 10s, 4));
  EXPECT_EQ(limiter.tokens(t0 + 10s), 3);
}

TEST(LeakyBucket, ReservationsComeOutOneByOneWithoutABurst) {
  goro::leaky_bucket limiter(10, 3);
  EXPECT_EQ(delay(limiter, 0ms), 0ms);
  EXPECT_EQ(delay(limiter, 0ms), 100ms);
  EXPECT_EQ(delay(limiter, 0ms, 3), 200ms);
  EXPECT_EQ(delay(limiter, 0ms), 500ms) << "behind three";
  EXPECT_FALSE(limiter.allow(t0)) << "it is full";
  EXPECT_FALSE(limiter.reserve(t0, 4).ok());
  EXPECT_FALSE(limiter.reserve(t0, 1, 599ms).ok());
  EXPECT_TRUE(limiter.reserve(t0, 1, 600ms).ok());
  EXPECT_EQ(delay(limiter, 10s), 0ms);
}

TEST(LeakyBucket, CancelGivesBackWhatLaterOnesHaveNotBuiltUpon) {
  goro::leaky_bucket limiter(10, 4);
  auto a = limiter.reserve(t0, 3);
  auto b = limiter.reserve(t0, 1);
  auto c = limiter.reserve(t0, 1);
  c.cancel(t0);
  a.cancel(t0);  // but for the one of b
  EXPECT_EQ(delay(limiter, 0ms), 200ms);
  b.cancel(t0 + 301ms);  // too late
  EXPECT_EQ(delay(limiter, 0ms), 300ms);
}

TEST(LeakyBucket, AnotherSizeLeavesInWhatIsIn) {
  goro::leaky_bucket limiter(10, 2);
  EXPECT_TRUE(limiter.allow(t0, 2));
  limiter.set_burst(t0, 5);
  EXPECT_EQ(limiter.tokens(t0), 3);
  limiter.set_burst(t0, 1);
  EXPECT_EQ(limiter.tokens(t0), -1);
  limiter.set_limit(t0, 20);
  EXPECT_EQ(answers(limiter, {50ms, 100ms, 100ms}), "nyn");
}

TEST(LeakyBucket, RateZeroIsTheBurstOnlyAndUnlimitedIsAll) {
  goro::leaky_bucket limiter(0, 2);
  EXPECT_EQ(answers(limiter, {0ms, 0ms, 1000s}), "yyn");
  EXPECT_FALSE(limiter.reserve(t0).ok());
  limiter.set_limit(t0, goro::unlimited);
  EXPECT_TRUE(limiter.allow(t0, 100));
  EXPECT_EQ(delay(limiter, 0ms, 100), 0ms);
}

TEST(FixedWindow, LetsSoManyThroughInEachWindowThatFollowsTheFirstEvent) {
  goro::fixed_window limiter(2, 100ms);
  EXPECT_EQ(answers(limiter, {30ms, 129ms, 129ms, 130ms, 130ms, 130ms, 229ms, 555ms}), "yynyynny");
  EXPECT_EQ(answers(limiter, {629ms, 629ms, 630ms, 630ms, 630ms}), "ynyyn") << "the grid goes on";
  EXPECT_FALSE(limiter.allow(t0 + 10s, 3));
  EXPECT_TRUE(limiter.allow(t0 + 10s, 2));
}

TEST(FixedWindow, ReservesInTheNextWindowThatHasRoomForAll) {
  goro::fixed_window limiter(3, 100ms);
  EXPECT_EQ(delay(limiter, 0ms, 2), 0ms);
  EXPECT_EQ(delay(limiter, 10ms, 2), 90ms);
  EXPECT_FALSE(limiter.allow(t0 + 10ms)) << "first come, first served";
  EXPECT_EQ(delay(limiter, 10ms, 1), 90ms);
  EXPECT_EQ(delay(limiter, 10ms, 3), 190ms);
  EXPECT_FALSE(limiter.reserve(t0 + 10ms, 4).ok());
  EXPECT_FALSE(limiter.reserve(t0 + 10ms, 1, 289ms).ok());
  EXPECT_TRUE(limiter.reserve(t0 + 10ms, 1, 290ms).ok());
  EXPECT_EQ(answers(limiter, {299ms, 300ms, 300ms, 300ms, 400ms}), "nyyny");
}

TEST(FixedWindow, CancelGivesBackWhatLaterOnesHaveNotBuiltUpon) {
  goro::fixed_window limiter(3, 100ms);
  EXPECT_EQ(delay(limiter, 0ms, 2), 0ms);
  auto last = limiter.reserve(t0, 2);
  last.cancel(t0);
  EXPECT_EQ(limiter.tokens(t0), 1);
  EXPECT_EQ(delay(limiter, 0ms, 1), 0ms) << "as if it had never been";

  auto a = limiter.reserve(t0, 1);
  auto b = limiter.reserve(t0, 2);
  a.cancel(t0);
  EXPECT_EQ(delay(limiter, 0ms, 1), 100ms) << "beside b";
  EXPECT_EQ(delay(limiter, 0ms, 3), 200ms);
  b.cancel(t0);
  EXPECT_EQ(delay(limiter, 0ms, 1), 300ms) << "the one after b waits, whether b is there or not";
}

TEST(FixedWindow, TheWindowStaysWhenTheLimitChanges) {
  goro::fixed_window limiter(2, 100ms);
  EXPECT_DOUBLE_EQ(limiter.limit(), 20);
  EXPECT_EQ(answers(limiter, {0ms, 0ms, 0ms}), "yyn");
  limiter.set_burst(t0, 3);
  EXPECT_EQ(answers(limiter, {0ms, 0ms, 99ms}), "ynn");
  limiter.set_limit(t0, 10);
  EXPECT_EQ(limiter.burst(), 1);
  EXPECT_EQ(answers(limiter, {99ms, 100ms, 100ms}), "nyn");
  limiter.set_limit(t0, goro::unlimited);
  EXPECT_EQ(limiter.limit(), goro::unlimited);
  EXPECT_TRUE(limiter.allow(t0, std::numeric_limits<std::int64_t>::max()));
  EXPECT_TRUE(limiter.allow(t0, std::numeric_limits<std::int64_t>::max()));
  limiter.set_limit(t0, 0);
  EXPECT_EQ(answers(limiter, {0ms, 1000s}), "nn");
}

TEST(FixedWindow, CountsATimeBeforeTheLastAsTheLast) {
  goro::fixed_window limiter(2, 100ms);
  EXPECT_EQ(answers(limiter, {500ms, 0ms, 0ms, 599ms, 600ms}), "yynny");
}

TEST(SlidingWindow, LetsOneThroughWhenAnotherHasLeftTheWindow) {
  goro::sliding_window limiter(3, 100ms);
  EXPECT_EQ(answers(limiter, {0ms, 40ms, 80ms, 99ms, 100ms, 139ms, 140ms, 179ms, 180ms, 199ms, 200ms}), "yyynynynyny");
  EXPECT_FALSE(limiter.allow(t0 + 10s, 4));
  EXPECT_TRUE(limiter.allow(t0 + 10s, 3));
}

TEST(SlidingWindow, ReservesForTheTimeWhenEnoughHaveLeft) {
  goro::sliding_window limiter(3, 100ms);
  EXPECT_EQ(delay(limiter, 0ms, 1), 0ms);
  EXPECT_EQ(delay(limiter, 30ms, 2), 0ms);
  EXPECT_EQ(delay(limiter, 50ms, 1), 50ms);
  EXPECT_EQ(delay(limiter, 50ms, 2), 80ms);
  EXPECT_EQ(limiter.tokens(t0 + 50ms), -3);
  EXPECT_EQ(delay(limiter, 50ms, 1), 150ms) << "when the one reserved before has left";
  EXPECT_FALSE(limiter.allow(t0 + 150ms)) << "first come, first served";
  EXPECT_FALSE(limiter.reserve(t0 + 50ms, 4).ok());
  EXPECT_FALSE(limiter.reserve(t0 + 50ms, 1, 179ms).ok());
  EXPECT_TRUE(limiter.reserve(t0 + 50ms, 1, 180ms).ok());
}

TEST(SlidingWindow, CancelGivesAllBackAndLaterOnesKeepTheirTime) {
  goro::sliding_window limiter(2, 100ms);
  EXPECT_EQ(delay(limiter, 0ms, 2), 0ms);
  auto a = limiter.reserve(t0, 2);
  auto b = limiter.reserve(t0, 1);
  EXPECT_EQ(b.delay(t0), 200ms);
  a.cancel(t0);
  EXPECT_EQ(delay(limiter, 0ms, 1), 200ms) << "beside b";
  b.cancel(t0 + 201ms);  // too late
  EXPECT_EQ(delay(limiter, 0ms, 1), 300ms);
}

TEST(SlidingWindow, CancelOfTheLastIsAsIfItHadNeverBeen) {
  goro::sliding_window limiter(2, 100ms);
  EXPECT_EQ(delay(limiter, 0ms, 1), 0ms);
  auto last = limiter.reserve(t0, 2);
  last.cancel(t0);
  last.cancel(t0);
  EXPECT_EQ(limiter.tokens(t0), 1);
  EXPECT_EQ(delay(limiter, 0ms, 1), 0ms);
}

TEST(SlidingWindow, TheWindowStaysWhenTheLimitChanges) {
  goro::sliding_window limiter(2, 100ms);
  EXPECT_EQ(answers(limiter, {0ms, 50ms, 50ms}), "yyn");
  limiter.set_burst(t0, 1);
  EXPECT_EQ(answers(limiter, {100ms, 149ms, 150ms}), "nny");
  limiter.set_limit(t0, 30);
  EXPECT_EQ(limiter.burst(), 3);
  EXPECT_EQ(answers(limiter, {151ms, 151ms, 151ms}), "yyn");
  limiter.set_limit(t0, goro::unlimited);
  EXPECT_TRUE(limiter.allow(t0, 1'000'000));
}

TEST(SlidingWindow, NumbersAtTheEndOfTheirRangeDoNotOverflow) {
  constexpr auto huge = std::numeric_limits<std::int64_t>::max() - 1;
  goro::sliding_window sliding(huge, std::chrono::hours::max());
  goro::fixed_window fixed(huge, std::chrono::hours::max());
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(sliding.reserve(t0, huge));
    static_cast<void>(fixed.reserve(t0, huge));
  }
  EXPECT_FALSE(sliding.allow(time_point::max(), huge));
  EXPECT_FALSE(fixed.allow(time_point::max(), huge));
}

/// Random calls with random pauses; the times at which events were let through.
template <class Limiter>
std::vector<time_point> acts_of_random_calls(Limiter& limiter, std::int64_t most, bool with_cancels, unsigned seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::int64_t n) { return static_cast<std::int64_t>(random() % static_cast<unsigned>(n)); };
  std::vector<std::pair<goro::reservation, std::int64_t>> pending;
  std::vector<std::pair<time_point, std::int64_t>> acts;
  time_point now = t0;
  for (int i = 0; i < 3000; ++i) {
    now += nanoseconds(1ms) * (below(3) == 0 ? below(60) : 0) + nanoseconds(below(2));
    const std::int64_t n = below(most + 2);
    if (below(3) == 0) {
      auto r = limiter.reserve(now, n, 1ms * below(300));
      if (r.ok()) pending.emplace_back(std::move(r), n);
    } else if (limiter.allow(now, n)) {
      acts.emplace_back(now, n);
    }
    if (with_cancels && below(4) == 0 && !pending.empty()) {
      const auto one = pending.begin() + below(static_cast<std::int64_t>(pending.size()));
      if (one->first.delay(now) > 0ns) {
        one->first.cancel(now);
        pending.erase(one);
      }
    }
  }
  for (const auto& [r, n] : pending) acts.emplace_back(t0 + r.delay(t0), n);
  std::vector<time_point> each;
  for (const auto& [t, n] : acts) each.insert(each.end(), static_cast<std::size_t>(n), t);
  std::sort(each.begin(), each.end());
  return each;
}

TEST(SlidingWindow, NeverLetsMoreThroughInAnyWindow) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    constexpr std::int64_t n = 5;
    goro::sliding_window limiter(n, 100ms);
    const auto acts = acts_of_random_calls(limiter, n, true, seed);
    ASSERT_GT(acts.size(), 500u);
    for (std::size_t i = n; i < acts.size(); ++i) ASSERT_GE(acts[i] - acts[i - n], 100ms) << "seed " << seed;
  }
}

TEST(FixedWindow, NeverLetsMoreThroughInAWindowNorTwiceAsManyInAnyStretch) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    constexpr std::int64_t n = 5;
    goro::fixed_window limiter(n, 100ms);
    ASSERT_TRUE(limiter.allow(t0));
    auto acts = acts_of_random_calls(limiter, n, true, seed);
    acts.insert(acts.begin(), t0);
    std::vector<std::int64_t> in_window(100'000);
    for (const time_point act : acts)
      ASSERT_LE(++in_window[static_cast<std::size_t>((act - t0) / 100ms)], n) << "seed " << seed;
    for (std::size_t i = 2 * n; i < acts.size(); ++i) ASSERT_GE(acts[i] - acts[i - 2 * n], 100ms) << "seed " << seed;
  }
}

/// At most limit * time + burst in any stretch, by a bucket with exact arithmetic.
void expect_bucket(const std::vector<time_point>& acts, nanoseconds each, std::int64_t burst, unsigned seed) {
  std::int64_t level = 0;  // in nanoseconds of leaking
  time_point last = t0;
  for (const time_point act : acts) {
    level = std::max<std::int64_t>(level - (act - last).count(), 0) + each.count();
    last = act;
    ASSERT_LE(level, each.count() * burst + 10) << "seed " << seed;
  }
}

TEST(Buckets, NeverLetMoreThroughThanTheLimitTimesTheTimeAndTheBurst) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    constexpr std::int64_t burst = 5;
    goro::token_bucket tokens(50, burst);
    expect_bucket(acts_of_random_calls(tokens, burst, false, seed), 20ms, burst, seed);
    goro::leaky_bucket leaky(50, burst);
    expect_bucket(acts_of_random_calls(leaky, burst, false, seed), 20ms, 2 * burst, seed);
  }
}

struct RateWindows : on_procs {};
GORO_ON_PROCS(RateWindows);

TEST_P(RateWindows, WaitIsTheSameForAll) {
  run([] {
    const auto check = [](auto& limiter) {
      const auto ctx = goro::context::background();
      const auto start = goro::clock::now();
      goro::wait_group wg;
      for (int i = 0; i < 5; ++i) wg.go([&] { EXPECT_EQ(limiter.wait(ctx), std::error_code()); });
      wg.wait();
      EXPECT_GE(goro::clock::now() - start, 20ms);
      EXPECT_EQ(limiter.wait(ctx, 3).message(), "rate: Wait(n=3) exceeds limiter's burst 2");
      limiter.set_limit(0);
      static_cast<void>(limiter.allow(2));
      static_cast<void>(limiter.allow());
      EXPECT_NE(limiter.wait(ctx, 2), std::error_code()) << "rather than for ever";
    };
    goro::token_bucket tokens(100, 2);
    goro::leaky_bucket leaky(100, 2);
    goro::fixed_window fixed(2, 10ms);
    goro::sliding_window sliding(2, 10ms);
    check(tokens);
    check(leaky);
    check(fixed);
    check(sliding);
  });
}

}  // namespace
