// SPDX-License-Identifier: BSL-1.0
// Contexts from stop tokens and stop tokens from contexts.
#include <goro/goro.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <sstream>
#include <stop_token>
#include <thread>
#include <utility>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;
using goro::context_errc;

struct ContextOfStopToken : on_procs {};
struct StopTokenOfContext : on_procs {};
GORO_ON_PROCS(ContextOfStopToken);
GORO_ON_PROCS(StopTokenOfContext);

bool is_done(const context& ctx) { return ctx.done().try_recv() == goro::recv_status::closed; }

TEST_P(ContextOfStopToken, IsDoneWithAllBelowItWhenStopIsRequested) {
  run([] {
    std::stop_source source;
    const context ctx(source.get_token());
    const auto [child, cancel] = context::with_timeout(ctx, 1h);
    EXPECT_FALSE(is_done(ctx));
    EXPECT_FALSE(ctx.err());
    source.request_stop();
    for (const context& each : {ctx, child}) {
      EXPECT_TRUE(is_done(each));
      EXPECT_EQ(each.err(), context_errc::canceled);
      EXPECT_NE(each.cause(), nullptr);
    }
  });
}

TEST_P(ContextOfStopToken, IsBornDoneIfStopWasRequestedBefore) {
  run([] {
    std::stop_source source;
    source.request_stop();
    const context ctx(source.get_token());
    EXPECT_TRUE(is_done(ctx));
    EXPECT_EQ(ctx.err(), context_errc::canceled);
  });
}

/// Not inlined: g++ 12 would take its state for deleted.
[[gnu::noinline]] std::stop_token orphan() { return std::stop_source().get_token(); }

TEST_P(ContextOfStopToken, IsNeverDoneIfNobodyCanRequestAStop) {
  run([] {
    EXPECT_EQ(context(std::stop_token()).done(), nullptr);
    EXPECT_EQ(context(orphan()).done(), nullptr);
  });
}

TEST_P(ContextOfStopToken, WakesAGoroutineThatWaitsWhenAPlainThreadRequestsTheStop) {
  run([] {
    std::jthread thread([](std::stop_token) {});
    std::stop_source source = thread.get_stop_source();
    const context ctx(thread.get_stop_token());
    std::thread requester([&] {
      std::this_thread::sleep_for(5ms);
      source.request_stop();
    });
    EXPECT_FALSE(ctx.done().recv());
    EXPECT_EQ(ctx.err(), context_errc::canceled);
    goro::blocking([&] { requester.join(); });
  });
}

TEST_P(ContextOfStopToken, CancellingAChildDoesNotRequestAStop) {
  run([] {
    std::stop_source source;
    const context ctx(source.get_token());
    const auto [child, cancel] = context::with_cancel(ctx);
    cancel();
    EXPECT_FALSE(source.stop_requested());
    EXPECT_FALSE(ctx.err());
  });
}

TEST_P(ContextOfStopToken, IsFreedThoughTheSourceLivesOn) {
  static const goro::context_key<tracked> key{"tracked"};
  const int alive = tracked::alive;
  run([&] {
    std::stop_source source;
    {
      const context ctx = context::with_value(context(source.get_token()), key, tracked(1));
      const auto [child, cancel] = context::with_cancel(ctx);
    }
    EXPECT_EQ(tracked::alive, alive);
    source.request_stop();
  });
}

TEST_P(ContextOfStopToken, MayBeDroppedWhileTheStopIsRequested) {
  run([] {
    for (int i = 0; i < scale(5'000, 500); ++i) {
      std::stop_source source;
      std::optional<context> ctx(std::in_place, source.get_token());
      goro::wait_group wg;
      wg.go([&source] { source.request_stop(); });
      if (i % 2 == 0) goro::gosched();
      ctx.reset();
      wg.wait();
    }
  });
}

TEST_P(StopTokenOfContext, IsRequestedToStopWhenTheCancelReturns) {
  run([] {
    const auto [parent, cancel] = context::with_cancel(context::background());
    const auto [child, cancel_child] = context::with_cancel(parent);
    const auto token = static_cast<std::stop_token>(parent);
    const auto below = static_cast<std::stop_token>(child);
    EXPECT_TRUE(token.stop_possible());
    EXPECT_FALSE(token.stop_requested());
    EXPECT_EQ(token, static_cast<std::stop_token>(parent));
    bool called = false;
    const std::stop_callback callback(below, [&called] { called = true; });
    cancel();
    EXPECT_TRUE(token.stop_requested());
    EXPECT_TRUE(below.stop_requested());
    EXPECT_TRUE(called);
  });
}

TEST_P(StopTokenOfContext, IsRequestedToStopFromTheStartIfTheContextIsDone) {
  run([] {
    const auto [ctx, cancel] = context::with_timeout(context::background(), 0s);
    EXPECT_TRUE(static_cast<std::stop_token>(ctx).stop_requested());
  });
}

TEST_P(StopTokenOfContext, CanNeverStopIfTheContextCanNeverBeDone) {
  run([] {
    const auto [parent, cancel] = context::with_cancel(context::background());
    EXPECT_FALSE(static_cast<std::stop_token>(context::background()).stop_possible());
    EXPECT_FALSE(static_cast<std::stop_token>(context::without_cancel(parent)).stop_possible());
  });
}

TEST_P(StopTokenOfContext, FollowsADeadlineThroughAValue) {
  static const goro::context_key<int> key{"key"};
  run([] {
    const auto [late, cancel] = context::with_timeout(context::background(), 10ms);
    const auto token = static_cast<std::stop_token>(context::with_value(late, key, 1));
    EXPECT_FALSE(token.stop_requested());
    EXPECT_TRUE(eventually([&] { return token.stop_requested(); }));
    EXPECT_EQ(late.err(), context_errc::deadline_exceeded);
  });
}

TEST_P(StopTokenOfContext, FollowsAContextOfTheUsersOwnKind) {
  struct own_done : goro::context_base {
    goro::recv_chan<void> done() const override { return channel; }
    std::error_code err() const override { return error; }
    const goro::chan<void> channel = goro::make_chan<void>();
    std::error_code error;
  };
  run([] {
    const auto own = std::make_shared<own_done>();
    const auto token = static_cast<std::stop_token>(context(own));
    EXPECT_TRUE(token.stop_possible());
    EXPECT_FALSE(token.stop_requested());
    own->error = context_errc::canceled;
    own->channel.close();
    EXPECT_TRUE(eventually([&] { return token.stop_requested(); }));
  });
}

TEST_P(StopTokenOfContext, OutlivesTheContextWhoseLastCancelFunctionIsGone) {
  run([] {
    std::stop_token token;
    {
      const auto [ctx, cancel] = context::with_cancel(context::background());
      token = static_cast<std::stop_token>(ctx);
      EXPECT_FALSE(token.stop_requested());
    }
    EXPECT_TRUE(token.stop_requested());
  });
}

TEST_P(StopTokenOfContext, WakesAThreadThatWaitsOnAStandardConditionVariable) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    std::atomic<bool> held{true};
    std::thread waiter([&held, token = static_cast<std::stop_token>(ctx)] {
      std::mutex mu;
      std::condition_variable_any changed;
      std::unique_lock lock(mu);
      held = changed.wait(lock, token, [] { return false; });
    });
    goro::sleep(2ms);
    cancel();
    goro::blocking([&] { waiter.join(); });
    EXPECT_FALSE(held);
  });
}

TEST_P(StopTokenOfContext, MakesAContextAgainThatFollowsTheFirst) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    const context again(static_cast<std::stop_token>(ctx));
    EXPECT_FALSE(again.err());
    cancel();
    EXPECT_TRUE(is_done(again));
    EXPECT_EQ(again.err(), context_errc::canceled);
  });
}

TEST_P(StopTokenOfContext, OfANilContextPanics) {
  run([] {
    EXPECT_THAT(panic_of([] { return static_cast<std::stop_token>(context()); }),
                testing::StartsWith("runtime error: invalid memory address or nil pointer dereference"));
  });
}

}  // namespace
