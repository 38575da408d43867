// SPDX-License-Identifier: BSL-1.0
// keyed: a limiter for each client, as many as there is room for, and no client ever gets more than its limit.
#include <goro/goro.hpp>
#include <goro/rate.hpp>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr goro::clock::time_point t0{1000h};

TEST(Keyed, EachClientHasALimiterOfItsOwn) {
  goro::keyed<goro::token_bucket, std::string> limits(10, 2);
  for (const char* client : {"a", "b", "c"}) {
    EXPECT_TRUE(limits.allow(t0, client, 2));
    EXPECT_FALSE(limits.allow(t0, client));
    EXPECT_TRUE(limits.allow(t0 + 100ms, client));
  }
  EXPECT_EQ(limits.size(), 3u);
  EXPECT_TRUE(limits.allow("d"));
  EXPECT_EQ(limits.reserve(t0, "e", 2).delay(t0), 0ns);
  EXPECT_EQ(limits.reserve(t0, "e", 2).delay(t0), 200ms);
  EXPECT_FALSE(limits.reserve(t0, "e", 1, 299ms).ok());
  EXPECT_FALSE(limits.reserve(t0, "e", 3).ok());
}

TEST(Keyed, CancelFindsTheClient) {
  goro::keyed<goro::token_bucket, std::string> limits(10, 2);
  EXPECT_TRUE(limits.allow(t0, "a", 2));
  EXPECT_TRUE(limits.allow(t0, "b", 2));
  auto r = limits.reserve(t0, "a", 2);
  r.cancel(t0);
  EXPECT_TRUE(limits.allow(t0 + 100ms, "a"));
  EXPECT_TRUE(limits.allow(t0 + 100ms, "b"));
}

TEST(Keyed, CancelOfAClientThatIsForgottenDoesNothing) {
  goro::keyed<goro::token_bucket, int> limits(10, 2, 1);
  auto r = limits.reserve(t0, 1, 2);
  EXPECT_TRUE(limits.allow(t0 + 10s, 2, 2));  // takes the place
  EXPECT_EQ(limits.size(), 1u);
  r.cancel(t0);
  EXPECT_FALSE(limits.allow(t0 + 10s, 2));
}

TEST(Keyed, TheIdleAreForgottenAndTheBusyAreNot) {
  goro::keyed<goro::token_bucket, int> limits(10, 1, 100);
  EXPECT_TRUE(limits.allow(t0, 0));
  auto now = t0;
  for (int client = 1; client < 10'000; ++client) {
    now += 10ms;
    EXPECT_TRUE(limits.allow(now, client));
    ASSERT_LE(limits.size(), 12u) << "as many as have been active in the last 100 ms, and a few";
  }
  now += 50ms;
  EXPECT_FALSE(limits.allow(now, 9'999));
}

TEST(Keyed, WhoComesWhenAllPlacesAreTakenSharesOneLimiter) {
  goro::keyed<goro::token_bucket, int> limits(10, 2, 3);
  for (int client = 0; client < 3; ++client) EXPECT_TRUE(limits.allow(t0, client));
  EXPECT_TRUE(limits.allow(t0, 10, 2));
  EXPECT_FALSE(limits.allow(t0, 10));
  EXPECT_FALSE(limits.allow(t0, 11)) << "it is the same one";
  EXPECT_TRUE(limits.allow(t0, 0)) << "who is known does not suffer";
  EXPECT_EQ(limits.size(), 3u);
  EXPECT_TRUE(limits.allow(t0 + 150ms, 10)) << "has a place, and what is left in the shared one";
  EXPECT_FALSE(limits.allow(t0 + 150ms, 10));
  EXPECT_TRUE(limits.allow(t0 + 10s, 12, 2));
}

TEST(Keyed, WhoComesWhenAllPlacesAreTakenMayCancelToo) {
  goro::keyed<goro::token_bucket, int> limits(10, 2, 1);
  EXPECT_TRUE(limits.allow(t0, 0, 2));
  EXPECT_TRUE(limits.allow(t0, 1, 2));
  auto r = limits.reserve(t0, 1, 2);
  EXPECT_EQ(r.delay(t0), 200ms);
  r.cancel(t0);
  EXPECT_EQ(limits.reserve(t0, 2, 1).delay(t0), 100ms);
}

TEST(Keyed, AClientWithALongReservationDoesNotKeepTheOthersFromBeingForgotten) {
  goro::keyed<goro::token_bucket, int> limits(10, 1, 4);
  for (int i = 0; i < 1000; ++i) static_cast<void>(limits.reserve(t0, 0));
  auto now = t0;
  for (int client = 1; client < 200; ++client) {
    now += 100ms;
    EXPECT_TRUE(limits.allow(now, client)) << client;
  }
}

/// Clients come and go at random; each one's events must fit a limiter of its own.
template <class Limiter, class A, class B>
void expect_no_client_gets_more(A a, B b, std::int64_t most) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    std::mt19937 random(seed);
    const std::size_t room = 1 + random() % 30;
    goro::keyed<Limiter, int> limits(a, b, room);
    std::unordered_map<int, std::unique_ptr<Limiter>> own;
    auto now = t0;
    int allowed = 0;
    for (int i = 0; i < 10'000; ++i) {
      if (random() % 4 == 0) now += nanoseconds(1ms) * (random() % 30);
      const int client = static_cast<int>(random() % 60);
      const auto n = static_cast<std::int64_t>(random() % static_cast<unsigned>(most + 1));
      if (!limits.allow(now, client, n)) continue;
      allowed += n > 0;
      auto& alone = own[client];
      if (!alone) alone = std::make_unique<Limiter>(a, b);
      ASSERT_TRUE(alone->allow(now, n)) << "seed " << seed << ", step " << i << ", client " << client;
      ASSERT_LE(limits.size(), room);
    }
    EXPECT_GT(allowed, 100);
  }
}

TEST(Keyed, NoClientEverGetsMoreThanItsLimit) {
  expect_no_client_gets_more<goro::token_bucket>(10.0, 4, 4);
  expect_no_client_gets_more<goro::leaky_bucket>(10.0, 4, 4);
  expect_no_client_gets_more<goro::sliding_window>(4, 300ms, 4);
}

TEST(Keyed, NoClientGetsMoreThanTwiceAsManyAsAFixedWindowHasInAnyStretchOfItsLength) {
  goro::keyed<goro::fixed_window, int> limits(4, 300ms, 10);
  std::mt19937 random(1);
  std::unordered_map<int, std::vector<goro::clock::time_point>> acts;
  auto now = t0;
  for (int i = 0; i < 50'000; ++i) {
    if (random() % 4 == 0) now += nanoseconds(1ms) * (random() % 30);
    const int client = static_cast<int>(random() % 40);
    if (!limits.allow(now, client)) continue;
    auto& mine = acts[client];
    mine.push_back(now);
    if (mine.size() > 8) {
      ASSERT_GE(now - mine[mine.size() - 9], 300ms);
    }
  }
}

TEST(Keyed, ManyClientsAreBoundedByTheRoomInAllParts) {
  constexpr std::size_t room = 20'000;
  goro::keyed<goro::token_bucket, std::uint64_t> limits(1, 1, room);
  std::size_t allowed = 0;
  for (std::uint64_t client = 0; client < 50'000; ++client) allowed += limits.allow(t0, client << 20);
  EXPECT_LE(limits.size(), room);
  EXPECT_GE(limits.size(), room - room / 10) << "the hash spreads them evenly";
  EXPECT_LE(allowed, room + 64);
}

struct refusing_key {
  int number;
  friend bool operator==(const refusing_key& a, const refusing_key& b) {
    if (refuse) throw std::runtime_error("refused");
    return a.number == b.number;
  }
  static inline bool refuse = false;
};
struct one_hash {
  std::size_t operator()(const refusing_key&) const { return 1; }
};

TEST(Keyed, AKeyWhoseComparisonThrowsLeavesItUnlocked) {
  goro::keyed<goro::token_bucket, refusing_key, one_hash> limits(1, 1);
  EXPECT_TRUE(limits.allow(t0, refusing_key{1}));
  refusing_key::refuse = true;
  EXPECT_THROW(static_cast<void>(limits.allow(t0, refusing_key{2})), std::runtime_error);
  refusing_key::refuse = false;
  EXPECT_TRUE(limits.allow(t0, refusing_key{2}));
  EXPECT_FALSE(limits.allow(t0, refusing_key{1}));
}

struct RateKeyed : on_procs {};
GORO_ON_PROCS(RateKeyed);

TEST_P(RateKeyed, WaitsForTheClientsTurn) {
  run([] {
    goro::keyed<goro::token_bucket, std::string> limits(100, 1);
    const auto ctx = goro::context::background();
    const auto start = goro::clock::now();
    goro::wait_group wg;
    for (int i = 0; i < 3; ++i)
      for (const char* client : {"a", "b"})
        wg.go([&, client] { EXPECT_EQ(limits.wait(ctx, client), std::error_code()); });
    wg.wait();
    EXPECT_GE(goro::clock::now() - start, 20ms);
    EXPECT_EQ(limits.wait(ctx, "a", 2).message(), "rate: Wait(n=2) exceeds limiter's burst 1");
    EXPECT_EQ(limits.wait(t0, ctx, "c"), std::error_code());
    const auto [late, cancel] = goro::context::with_timeout(ctx, 0s);
    EXPECT_EQ(limits.wait(late, "d"), goro::context_errc::deadline_exceeded);
  });
}

TEST_P(RateKeyed, GoroutinesAndThreadsShareTheLimitOfAClient) {
  run([] {
    goro::keyed<goro::token_bucket, int> limits(1e-3, 100, 50);
    std::atomic<int> allowed{0};
    const auto ask = [&] {
      for (int i = 0; i < 1000; ++i) allowed += limits.allow(i % 5);
    };
    goro::wait_group wg;
    for (int g = 0; g < 4; ++g) wg.go(ask);
    std::thread thread(ask);
    wg.wait();
    goro::blocking([&] { thread.join(); });
    EXPECT_EQ(allowed, 500);
  });
}

}  // namespace
