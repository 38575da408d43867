// SPDX-License-Identifier: BSL-1.0
// Contexts of the user's own kind as parents: which way a child learns of their end, and what that costs.
#include <goro/goro.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include "contexts.hpp"
#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;
using goro::context_errc;

struct ContextForeign : on_procs {};
GORO_ON_PROCS(ContextForeign);

/// Adds nothing to the context inside, but counts who asks for after_func().
struct wrapper : goro::context_base {
  explicit wrapper(context c) : inside(std::move(c)) {}
  goro::recv_chan<void> done() const override { return inside.done(); }
  std::error_code err() const override { return inside.err(); }
  context inner() const override { return inside; }
  std::function<bool()> after_func(std::function<void()>) override {
    ++asked;
    return {};
  }
  const context inside;
  int asked = 0;
};

/// Has a done channel and an error of its own, with or without a context inside.
struct own_done : goro::context_base {
  explicit own_done(context c = {}) : inside(std::move(c)) {}
  goro::recv_chan<void> done() const override { return channel; }
  std::error_code err() const override { return error; }
  context inner() const override { return inside; }
  std::optional<goro::clock::time_point> deadline() const override {
    return limit ? limit : goro::context_base::deadline();
  }
  void end(std::error_code why) {
    error = why;
    channel.close();
  }
  const context inside;
  const goro::chan<void> channel = goro::make_chan<void>();
  std::error_code error;
  std::optional<goro::clock::time_point> limit;
};

/// Offers after_func(), for one call.
struct announcing : own_done {
  std::function<bool()> after_func(std::function<void()> f) override {
    call = std::move(f);
    return [this] {
      ++stops;
      return std::exchange(call, nullptr) != nullptr;
    };
  }
  std::function<void()> call;
  int stops = 0;
};

TEST_P(ContextForeign, AWrapperWithTheSameDoneIsPassedByWithoutAGoroutine) {
  run([] {
    static const goro::context_key<int> key{"key"};
    const auto [inside, cancel] = context::with_cancel_cause(context::background());
    const auto own = std::make_shared<wrapper>(context::with_value(inside, key, 1));
    const std::size_t goroutines = goro::num_goroutine();
    const auto [child, cancel_child] = context::with_cancel(context(own));
    const context twice(std::make_shared<wrapper>(context::with_value(context(own), key, 2)));
    const auto [grandchild, cancel_grandchild] = context::with_timeout(twice, 1h);
    const auto stop = context::after_func(twice, [] {});
    EXPECT_EQ(goro::num_goroutine(), goroutines);
    EXPECT_EQ(own->asked, 0);
    EXPECT_TRUE(stop());
    cancel(std::make_exception_ptr(std::runtime_error("reason")));
    for (const context& ctx : {child, grandchild, context(own), twice}) {
      EXPECT_EQ(ctx.err(), context_errc::canceled) << ctx;
      EXPECT_EQ(text_of(ctx.cause()), "reason") << ctx;
    }
  });
}

TEST_P(ContextForeign, AWrapperThatOverridesDoneIsNotBypassed) {
  run([] {
    const auto [inside, cancel] = context::with_cancel_cause(context::background());
    const auto own = std::make_shared<own_done>(inside);
    const std::size_t goroutines = goro::num_goroutine();
    const auto [child, cancel_child] = context::with_cancel(context(own));
    EXPECT_EQ(goro::num_goroutine(), goroutines + 1);
    cancel(std::make_exception_ptr(std::runtime_error("reason")));
    goro::sleep(5ms);
    EXPECT_FALSE(child.err()) << "the context inside ended it";
    own->end(context_errc::deadline_exceeded);
    EXPECT_FALSE(child.done().recv());
    EXPECT_EQ(child.err(), context_errc::deadline_exceeded);
    EXPECT_EQ(text_of(child.cause()), "reason") << "not the cause of the context inside";
  });
}

TEST_P(ContextForeign, AfterFuncIsUsedIfItIsOffered) {
  run([] {
    const auto own = std::make_shared<announcing>();
    const std::size_t goroutines = goro::num_goroutine();
    const auto [child, cancel] = context::with_cancel(context(own));
    const auto [grandchild, cancel_grandchild] = context::with_cancel(child);
    EXPECT_EQ(goro::num_goroutine(), goroutines);
    ASSERT_TRUE(own->call);
    own->end(context_errc::deadline_exceeded);
    EXPECT_FALSE(child.err());
    std::exchange(own->call, nullptr)();
    EXPECT_EQ(child.err(), context_errc::deadline_exceeded);
    EXPECT_EQ(grandchild.err(), context_errc::deadline_exceeded);
  });
}

TEST_P(ContextForeign, WhatAfterFuncReturnedIsCalledOnceWhenTheChildEnds) {
  run([] {
    const auto own = std::make_shared<announcing>();
    {
      const auto [child, cancel] = context::with_cancel(context(own));
      cancel();
      EXPECT_EQ(own->stops, 1);
      EXPECT_FALSE(own->call);
      cancel();
    }
    EXPECT_EQ(own->stops, 1);
    const auto [late, cancel_late] = context::with_timeout(context(own), 0s);
    EXPECT_EQ(own->stops, 2);
    EXPECT_FALSE(own->call);
    const auto [above, cancel_above] = context::with_timeout(context(own), 1h);
    cancel_above();
    EXPECT_EQ(own->stops, 3);
    EXPECT_EQ(own.use_count(), 3) << "only the two children left and this test refer to it";
  });
}

TEST_P(ContextForeign, AfterFuncMayCallBackAtOnce) {
  struct immediate : own_done {
    std::function<bool()> after_func(std::function<void()> f) override {
      end(context_errc::canceled);
      f();
      return [] { return false; };
    }
  };
  run([] {
    const auto [child, cancel] = context::with_cancel(context(std::make_shared<immediate>()));
    EXPECT_EQ(child.err(), context_errc::canceled);
  });
}

TEST_P(ContextForeign, ElseOneWatcherGoroutineEndsWithTheChild) {
  run([] {
    const auto own = std::make_shared<own_done>();
    const std::size_t goroutines = goro::num_goroutine();
    const auto [child, cancel] = context::with_cancel(context(own));
    const auto [grandchild, cancel_grandchild] = context::with_timeout(child, 1h);
    EXPECT_EQ(goro::num_goroutine(), goroutines + 1);
    cancel();
    EXPECT_TRUE(eventually([&] { return goro::num_goroutine() == goroutines; }));
    const auto stop = context::after_func(context(own), [] { ADD_FAILURE() << "was stopped"; });
    EXPECT_EQ(goro::num_goroutine(), goroutines + 1);
    EXPECT_TRUE(stop());
    EXPECT_TRUE(eventually([&] { return goro::num_goroutine() == goroutines; }));
    EXPECT_FALSE(own->err());
  });
}

TEST_P(ContextForeign, ElseOneWatcherGoroutineEndsWithTheParent) {
  run([] {
    const auto own = std::make_shared<own_done>();
    const std::size_t goroutines = goro::num_goroutine();
    const auto [child, cancel] = context::with_cancel(context(own));
    own->end(std::make_error_code(std::errc::connection_reset));
    EXPECT_FALSE(child.done().recv());
    EXPECT_EQ(child.err(), context_errc::canceled);
    EXPECT_EQ(text_of(child.cause()), std::make_error_code(std::errc::connection_reset).message());
    EXPECT_TRUE(eventually([&] { return goro::num_goroutine() == goroutines; }));
  });
}

TEST_P(ContextForeign, TheCauseOfOneWithoutALibraryContextIsItsError) {
  run([] {
    const auto own = std::make_shared<own_done>();
    const context ctx(own);
    EXPECT_EQ(ctx.cause(), nullptr);
    own->end(std::make_error_code(std::errc::io_error));
    EXPECT_EQ(ctx.err(), std::errc::io_error);
    EXPECT_EQ(text_of(ctx.cause()), ctx.err().message());
  });
}

TEST_P(ContextForeign, AChildOfADoneParentIsBornDoneWithoutAGoroutine) {
  run([] {
    const auto own = std::make_shared<own_done>();
    own->end(context_errc::deadline_exceeded);
    const std::size_t goroutines = goro::num_goroutine();
    const auto [child, cancel] = context::with_cancel(context(own));
    EXPECT_EQ(child.err(), context_errc::deadline_exceeded);
    EXPECT_EQ(goro::num_goroutine(), goroutines);
  });
}

TEST_P(ContextForeign, AChildOfAParentThatIsNeverDoneNeedsNoGoroutine) {
  run([] {
    const context ctx(std::make_shared<wrapper>(context::background()));
    const std::size_t goroutines = goro::num_goroutine();
    const auto [child, cancel] = context::with_cancel(ctx);
    EXPECT_EQ(goro::num_goroutine(), goroutines);
    EXPECT_FALSE(child.err());
  });
}

TEST_P(ContextForeign, ItsDeadlineCountsIfItIsEarlierAndElseThatOfTheContextInside) {
  run([] {
    const auto when = goro::clock::now() + 1h;
    const auto [inside, cancel] = context::with_deadline(context::background(), when);
    const auto own = std::make_shared<own_done>(inside);
    EXPECT_EQ(context(own).deadline(), when);
    own->limit = when - 1s;
    const auto [child, cancel_child] = context::with_deadline(context(own), when);
    EXPECT_EQ(child.deadline(), when - 1s);
  });
}

TEST_P(ContextForeign, ANullPointerMakesANilContext) {
  run([] { EXPECT_FALSE(context(std::shared_ptr<own_done>())); });
}

}  // namespace
