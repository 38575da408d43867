// SPDX-License-Identifier: BSL-1.0
// Values: which one is found, what hides what, and how long they live.
#include <goro/goro.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include "contexts.hpp"
#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;
using goro::context_key;

struct ContextValue : on_procs {};
GORO_ON_PROCS(ContextValue);

const context_key<std::string> k1{"k"};
const context_key<std::string> k2{"k"};  // the same name and type: another key
const context_key<const char*> k3{"k"};

/// Has no context inside, so no values.
struct bare : goro::context_base {
  goro::recv_chan<void> done() const override { return {}; }
  std::error_code err() const override { return {}; }
};

std::string found(const context& ctx) {
  const auto text = [](const auto* v) { return v == nullptr ? std::string("-") : std::string(*v); };
  const char* const* const third = ctx.value(k3);
  return text(ctx.value(k1)) + " " + text(ctx.value(k2)) + " " +
         (third == nullptr    ? "-"
          : *third == nullptr ? "nil"
                              : *third);
}

TEST_P(ContextValue, CX08_TheNearestValueOfEachKeyIsFoundThroughFiveLayersAndWrappers) {
  run([] {
    EXPECT_EQ(found(context::background()), "- - -");
    const context c1 = context::with_value(context::background(), k1, "c1k1");
    EXPECT_EQ(found(c1), "c1k1 - -");
    const context c2 = context::with_value(c1, k2, "c2k2");
    EXPECT_EQ(found(c2), "c1k1 c2k2 -");
    const context c3 = context::with_value(c2, k3, "c3k3");
    EXPECT_EQ(found(c3), "c1k1 c2k2 c3k3");
    const context c4 = context::with_value(c3, k1, "c4k1");
    EXPECT_EQ(found(c4), "c4k1 c2k2 c3k3");
    EXPECT_EQ(found(c3), "c1k1 c2k2 c3k3");

    const context o0(std::make_shared<wrapper>(context::background()));
    EXPECT_EQ(found(o0), "- - -");
    const context o1(std::make_shared<wrapper>(c1));
    EXPECT_EQ(found(o1), "c1k1 - -");
    const context o2 = context::with_value(o1, k2, "o2k2");
    EXPECT_EQ(found(o2), "c1k1 o2k2 -");
    const context o3(std::make_shared<wrapper>(c4));
    EXPECT_EQ(found(o3), "c4k1 c2k2 c3k3");
    const context o4 = context::with_value(o3, k3, nullptr);
    EXPECT_EQ(found(o4), "c4k1 c2k2 nil");
  });
}

TEST_P(ContextValue, CX08_ANilValueHidesAnOuterOne) {
  run([] {
    const context outer = context::with_value(context::background(), k3, "outer");
    const context hidden = context::with_value(outer, k3, nullptr);
    ASSERT_NE(hidden.value(k3), nullptr);
    EXPECT_EQ(*hidden.value(k3), nullptr);
    EXPECT_STREQ(*outer.value(k3), "outer");
  });
}

TEST_P(ContextValue, CX08_ValuesPassThroughEveryKindOfContext) {
  run([] {
    const context valued = context::with_value(context::background(), k1, "v");
    const auto [cancelable, cancel] = context::with_cancel(valued);
    const auto [late, stop] = context::with_timeout(cancelable, 1h);
    const context detached = context::without_cancel(late);
    const context wrapped(std::make_shared<wrapper>(detached));
    for (const context& ctx : {valued, cancelable, late, detached, wrapped}) {
      ASSERT_NE(ctx.value(k1), nullptr) << ctx;
      EXPECT_EQ(ctx.value(k1), valued.value(k1)) << ctx << ": not the same object";
    }
    cancel();
    EXPECT_EQ(*late.value(k1), "v");
    EXPECT_EQ(context(std::make_shared<bare>()).value(k1), nullptr);
  });
}

TEST_P(ContextValue, CX11_NilKeyPanicsAndAnObjectThatIsNoKeyDoesNotCompile) {
  run([] {
    static const context_key<int> nil;
    EXPECT_EQ(panic_of([] { return context::with_value(context::background(), nil, 1); }), "nil key");
    EXPECT_EQ(panic_of([] { return context::with_value({}, nil, 1); }), "cannot create context from nil parent");
  });
  const auto accepts = [](const auto& key) { return requires { context::with_value(context(), key, 1); }; };
  EXPECT_TRUE(accepts(context_key<int>()));
  EXPECT_FALSE(accepts(1));
  EXPECT_FALSE(accepts(context_key<std::unique_ptr<int>>()));  // of another type than the value's
  static_assert(!std::is_copy_constructible_v<context_key<int>>, "a copy would be another key");
}

TEST_P(ContextValue, AValueIsMovedInAndLivesAsLongAsAContextThatHasIt) {
  static const context_key<tracked> key{"tracked"};
  static const context_key<std::unique_ptr<int>> movable{"movable"};
  tracked::reset();
  const int alive = tracked::alive;
  run([&] {
    const auto [parent, cancel] = context::with_cancel(context::background());
    {
      context valued = context::with_value(parent, key, tracked(7));
      context below = context::with_value(valued, movable, std::make_unique<int>(8));
      EXPECT_EQ(tracked::alive, alive + 1);
      valued = {};
      EXPECT_EQ(tracked::alive, alive + 1);
      EXPECT_EQ(*below.value(key), 7);
      EXPECT_EQ(**below.value(movable), 8);
      EXPECT_EQ(tracked::copies, 0);
    }
    EXPECT_EQ(tracked::alive, alive) << "kept by the parent";
    EXPECT_FALSE(parent.err());
  });
}

TEST_P(ContextValue, ValuesOfADroppedBranchAreFreedWithoutAnyFurtherOperationOnTheParent) {
  static const context_key<tracked> key{"tracked"};
  const int alive = tracked::alive;
  run([&] {
    const auto [parent, cancel_parent] = context::with_cancel(context::background());
    for (const bool cancelled : {true, false}) {
      auto [child, cancel] = context::with_cancel(context::with_value(parent, key, tracked(1)));
      auto [late, stop] = context::with_timeout(context::with_value(child, key, tracked(2)), 1h);
      EXPECT_EQ(tracked::alive, alive + 2);
      if (cancelled) cancel();
      late = child = {};
      stop = {};
      cancel = {};
      EXPECT_EQ(tracked::alive, alive);
    }
    EXPECT_FALSE(parent.err());
  });
}

TEST_P(ContextValue, AValueThatThrowsWhenItIsCopiedLeavesNothingBehind) {
  static const context_key<tracked> key{"tracked"};
  tracked::reset();
  const int alive = tracked::alive;
  run([&] {
    const auto [parent, cancel] = context::with_cancel(context::background());
    const tracked original(1);
    tracked::copies_throw = true;
    EXPECT_THROW(static_cast<void>(context::with_value(parent, key, original)), std::runtime_error);
    tracked::reset();
  });
  EXPECT_EQ(tracked::alive, alive);
}

TEST_P(ContextValue, GoroutinesReadTheValuesOfOneContextAtTheSameTime) {
  run([] {
    context ctx = context::with_value(context::background(), k1, "shared");
    for (int i = 0; i < 20; ++i) ctx = context::with_value(ctx, k2, std::to_string(i));
    goro::wait_group wg;
    for (int g = 0; g < 8; ++g) {
      wg.go([ctx] {
        for (int i = 0; i < scale(10'000, 1'000); ++i) {
          const context copy = ctx;
          EXPECT_EQ(*copy.value(k1), "shared");
          EXPECT_EQ(*copy.value(k2), "19");
        }
      });
    }
    wg.wait();
  });
}

}  // namespace
