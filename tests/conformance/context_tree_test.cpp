// SPDX-License-Identifier: BSL-1.0
// Who is done when: roots, children, and what cancelling one does to those above and below it.
#include <goro/goro.hpp>

#include <chrono>
#include <deque>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "contexts.hpp"
#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;
using goro::context_errc;

struct ContextTree : on_procs {};
GORO_ON_PROCS(ContextTree);

bool is_done(const context& ctx) { return ctx.done().try_recv() == goro::recv_status::closed; }

std::string printed(const context& ctx) {
  std::ostringstream out;
  out << ctx;
  return std::move(out).str();
}

TEST_P(ContextTree, CX01_TheRootsAreNeverDoneAndHaveNeitherDeadlineNorValues) {
  run([] {
    static const goro::context_key<int> key{"key"};
    for (const context& root : {context::background(), context::todo()}) {
      EXPECT_EQ(root.done(), nullptr);
      EXPECT_FALSE(root.err());
      EXPECT_EQ(root.cause(), nullptr);
      EXPECT_EQ(root.deadline(), std::nullopt);
      EXPECT_EQ(root.value(key), nullptr);
    }
    EXPECT_EQ(printed(context::background()), "context.Background");
    EXPECT_EQ(printed(context::todo()), "context.TODO");
    EXPECT_EQ(context::background(), context::background());
    EXPECT_NE(context::background(), context::todo());
  });
}

TEST_P(ContextTree, AContextPrintsHowItWasMade) {
  run([] {
    static const goro::context_key<std::string> key{"user"};
    const auto [child, cancel] = context::with_cancel(context::background());
    EXPECT_EQ(printed(child), "context.Background.WithCancel");
    const context valued = context::with_value(child, key, "gopher");
    EXPECT_EQ(printed(valued), "context.Background.WithCancel.WithValue(user, gopher)");
    EXPECT_EQ(printed(context::without_cancel(valued)), printed(valued) + ".WithoutCancel");
    const auto [late, stop] = context::with_timeout(context::todo(), 1h);
    EXPECT_THAT(printed(late), testing::StartsWith("context.TODO.WithDeadline("));
  });
}

TEST_P(ContextTree, CX02_CancelEndsTheChildItsWrapperAndTheGrandchildAtOnce) {
  run([] {
    const auto [child, cancel] = context::with_cancel(context::background());
    const context wrapped(std::make_shared<wrapper>(child));
    const auto [grandchild, stop] = context::with_cancel(wrapped);
    for (const context& ctx : {child, wrapped, grandchild}) {
      ASSERT_NE(ctx.done(), nullptr);
      EXPECT_EQ(ctx.done().try_recv(), goro::recv_status::empty);
      EXPECT_FALSE(ctx.err());
      EXPECT_EQ(ctx.cause(), nullptr);
    }
    cancel();
    for (const context& ctx : {child, wrapped, grandchild}) {
      EXPECT_TRUE(is_done(ctx));
      EXPECT_EQ(ctx.err(), context_errc::canceled);
      EXPECT_EQ(ctx.err().message(), "context canceled");
    }
    cancel();  // again: nothing
    EXPECT_EQ(child.err(), context_errc::canceled);
  });
}

TEST_P(ContextTree, CX03_AParentsCancelFinishesAllItsChildrenAndLaterOnesAreBornDone) {
  run([] {
    static const goro::context_key<int> key{"key"};
    const std::size_t timers = goro::debug::stats().timers;
    const auto [parent, cancel] = context::with_cancel(context::background());
    const auto [cancel_child, stop_cancel_child] = context::with_cancel(parent);
    const context value_child = context::with_value(parent, key, 1);
    const auto [timer_child, stop_timer_child] = context::with_timeout(value_child, 1h);
    const std::vector<context> all{parent, cancel_child, value_child, timer_child};
    for (const context& ctx : all) {
      EXPECT_FALSE(is_done(ctx)) << ctx;
      EXPECT_FALSE(ctx.err()) << ctx;
    }
    EXPECT_EQ(goro::debug::stats().timers, timers + 1);
    cancel();
    for (const context& ctx : all) {
      EXPECT_TRUE(is_done(ctx)) << ctx;
      EXPECT_EQ(ctx.err(), context_errc::canceled) << ctx;
    }
    EXPECT_EQ(goro::debug::stats().timers, timers);

    const auto [late, stop_late] = context::with_cancel(parent);
    const auto [later, stop_later] = context::with_timeout(parent, 1h);
    for (const context& ctx : {late, later, context::with_value(parent, key, 2)}) {
      EXPECT_TRUE(is_done(ctx)) << ctx;
      EXPECT_EQ(ctx.err(), context_errc::canceled) << ctx;
    }
    EXPECT_EQ(goro::debug::stats().timers, timers);
  });
}

TEST_P(ContextTree, CX04_AChildThatFinishesFirstLeavesTheParentAlone) {
  run([] {
    const auto [cancelable, cancel_parent] = context::with_cancel(context::background());
    for (const context& parent : {context::background(), cancelable}) {
      const auto [child, cancel] = context::with_cancel(parent);
      const auto [sibling, cancel_sibling] = context::with_cancel(parent);
      cancel();
      EXPECT_TRUE(is_done(child));
      EXPECT_EQ(child.err(), context_errc::canceled);
      for (const context& other : {parent, sibling}) {
        EXPECT_EQ(other.done().try_recv(), goro::recv_status::empty);
        EXPECT_FALSE(other.err());
        EXPECT_EQ(other.cause(), nullptr);
      }
    }
  });
}

TEST_P(ContextTree, CX04_AFinishedChildIsForgottenByItsParentAtOnce) {
  run([] {
    static const goro::context_key<std::shared_ptr<int>> key{"key"};
    const auto counted = std::make_shared<int>(0);
    const auto [parent, cancel_parent] = context::with_cancel(context::background());
    {
      const auto [child, cancel] = context::with_cancel(context::with_value(parent, key, counted));
      EXPECT_EQ(counted.use_count(), 2);
      cancel();
    }
    EXPECT_EQ(counted.use_count(), 1);
    EXPECT_FALSE(parent.err());
  });
}

/// At least 30 layers of values, cancellations and timeouts in random order.
struct layers {
  std::deque<goro::context_key<int>> keys;
  std::vector<goro::cancel_func> cancels;
  int timers = 0;
  context innermost = context::background();

  layers(std::mt19937& random, goro::clock::duration timeout) {
    for (int i = 0; i < 30 || timers == 0 || keys.empty() || cancels.empty(); ++i) {
      const auto kind = random() % 3;
      if (kind == 0) {
        const auto& key = keys.emplace_back("layer");
        innermost = context::with_value(innermost, key, static_cast<int>(keys.size()));
        continue;
      }
      auto [ctx, cancel] = kind == 1 ? context::with_cancel(innermost) : context::with_timeout(innermost, timeout);
      timers += kind == 2;
      innermost = ctx;
      cancels.push_back(cancel);
    }
  }
  void expect_values() const {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const int* const value = innermost.value(keys[i]);
      ASSERT_NE(value, nullptr) << i;
      EXPECT_EQ(*value, static_cast<int>(i) + 1);
    }
  }
};

TEST_P(ContextTree, CX09_CancellingAnyOfManyLayersFinishesTheInnermostAtOnceAndKeepsTheValues) {
  const auto seed = std::random_device()();
  run([seed] {
    std::mt19937 random(seed);
    for (int round = 0; round < scale(200, 20); ++round) {
      const layers l(random, 1h);
      EXPECT_FALSE(is_done(l.innermost));
      EXPECT_FALSE(l.innermost.err());
      l.expect_values();
      l.cancels[random() % l.cancels.size()]();
      EXPECT_TRUE(is_done(l.innermost));
      EXPECT_EQ(l.innermost.err(), context_errc::canceled);
      l.expect_values();
    }
  });
  EXPECT_FALSE(HasFailure()) << "seed " << seed;
}

TEST_P(ContextTree, CX09_ATimeoutAmongManyLayersFinishesTheInnermost) {
  const auto seed = std::random_device()();
  run([seed] {
    std::mt19937 random(seed);
    const layers l(random, 20ms);
    l.expect_values();
    EXPECT_FALSE(l.innermost.done().recv());
    EXPECT_EQ(l.innermost.err(), context_errc::deadline_exceeded);
    l.expect_values();
  });
  EXPECT_FALSE(HasFailure()) << "seed " << seed;
}

TEST_P(ContextTree, CX10_AChildOfADoneParentIsBornDone) {
  run([] {
    const auto [parent, cancel] = context::with_cancel_cause(context::background());
    cancel(std::make_error_code(std::errc::no_link));
    const auto [child, stop] = context::with_cancel(parent);
    EXPECT_TRUE(is_done(child));
    EXPECT_EQ(child.err(), context_errc::canceled);
    EXPECT_EQ(child.cause(), parent.cause());
  });
}

TEST_P(ContextTree, CX12_NilParentPanicsInEveryDerivingFunction) {
  run([] {
    static const goro::context_key<int> key{"key"};
    const std::string text = "cannot create context from nil parent";
    const context nil;
    EXPECT_EQ(panic_of([&] { return context::with_cancel(nil); }), text);
    EXPECT_EQ(panic_of([&] { return context::with_cancel_cause(nil); }), text);
    EXPECT_EQ(panic_of([&] { return context::with_deadline(nil, goro::clock::now()); }), text);
    EXPECT_EQ(panic_of([&] { return context::with_timeout(nil, 1h); }), text);
    EXPECT_EQ(panic_of([&] { return context::with_value(nil, key, 1); }), text);
    EXPECT_EQ(panic_of([&] { return context::without_cancel(nil); }), text);
    EXPECT_FALSE(nil);
  });
}

}  // namespace
