// SPDX-License-Identifier: BSL-1.0
// Pairs of err() and cause(), and contexts that keep nothing but their parent's values.
#include <goro/goro.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "contexts.hpp"
#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;
using goro::clock;
using goro::context;
using goro::context_cause;
using goro::context_errc;

struct ContextCause : on_procs {};
struct ContextWithoutCancel : on_procs {};
GORO_ON_PROCS(ContextCause);
GORO_ON_PROCS(ContextWithoutCancel);

context_cause because(const char* text) { return std::make_exception_ptr(std::runtime_error(text)); }

std::string state_of(const context& ctx) {
  return (ctx.err() ? ctx.err().message() : "none") + ", " + text_of(ctx.cause());
}

const std::string canceled = "context canceled";
const std::string too_late = "context deadline exceeded";

TEST_P(ContextCause, CX15_WhatIsNotDoneHasNone) {
  run([] {
    EXPECT_EQ(state_of(context::background()), "none, none");
    EXPECT_EQ(state_of(context::todo()), "none, none");
    const auto [plain, cancel_plain] = context::with_cancel(context::background());
    EXPECT_EQ(state_of(plain), "none, none");
    const auto [caused, cancel_caused] = context::with_cancel_cause(context::background());
    EXPECT_EQ(state_of(caused), "none, none");
    const auto [late, cancel_late] = context::with_timeout_cause(context::background(), 1h, because("late"));
    EXPECT_EQ(state_of(late), "none, none");
  });
}

TEST_P(ContextCause, CX15_APlainCancelIsItsOwnCause) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    cancel();
    EXPECT_EQ(state_of(ctx), canceled + ", " + canceled);
    try {
      std::rethrow_exception(ctx.cause());
    } catch (const std::system_error& e) {
      EXPECT_EQ(e.code(), context_errc::canceled);
    }
  });
}

TEST_P(ContextCause, CX15_TheCauseGivenIsTheCauseAndErrStaysCanceled) {
  static const goro::context_key<int> key{"key"};
  run([] {
    const auto [ctx, cancel] = context::with_cancel_cause(context::background());
    const context_cause parent_cause = because("parent cause");
    cancel(parent_cause);
    EXPECT_EQ(state_of(ctx), canceled + ", parent cause");
    EXPECT_EQ(ctx.cause(), parent_cause.exception());
    EXPECT_EQ(state_of(context::with_value(ctx, key, 1)), canceled + ", parent cause");
  });
}

TEST_P(ContextCause, CX15_AnEmptyCauseIsCanceled) {
  run([] {
    for (const context_cause& nothing : {context_cause(), context_cause(std::error_code()), context_cause(nullptr)}) {
      const auto [ctx, cancel] = context::with_cancel_cause(context::background());
      cancel(nothing);
      EXPECT_EQ(state_of(ctx), canceled + ", " + canceled);
    }
    const auto [ctx, cancel] = context::with_cancel_cause(context::background());
    cancel();
    EXPECT_EQ(state_of(ctx), canceled + ", " + canceled);
  });
}

TEST_P(ContextCause, CX15_AnErrorCodeIsThrownAsASystemError) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel_cause(context::background());
    cancel(std::make_error_code(std::errc::no_space_on_device));
    EXPECT_EQ(ctx.err(), context_errc::canceled);
    try {
      std::rethrow_exception(ctx.cause());
    } catch (const std::system_error& e) {
      EXPECT_EQ(e.code(), std::errc::no_space_on_device);
    }
    const auto [other, cancel_other] = context::with_cancel_cause(context::background());
    cancel_other(context_errc::deadline_exceeded);
    EXPECT_EQ(state_of(other), canceled + ", " + too_late);
  });
}

TEST_P(ContextCause, CX15_TheFirstCauseWins) {
  run([] {
    const auto [parent, cancel_parent] = context::with_cancel_cause(context::background());
    const auto [child, cancel_child] = context::with_cancel_cause(parent);
    const auto [grandchild, cancel_grandchild] = context::with_cancel(child);
    cancel_child(because("child"));
    cancel_child(because("child again"));
    EXPECT_EQ(state_of(parent), "none, none");
    cancel_parent(because("parent"));
    EXPECT_EQ(state_of(parent), canceled + ", parent");
    EXPECT_EQ(state_of(child), canceled + ", child");
    EXPECT_EQ(state_of(grandchild), canceled + ", child");

    const auto [above, cancel_above] = context::with_cancel_cause(context::background());
    const auto [below, cancel_below] = context::with_cancel_cause(above);
    cancel_above(because("above"));
    cancel_below(because("below"));
    EXPECT_EQ(state_of(below), canceled + ", above");
  });
}

TEST_P(ContextCause, CX15_TimeoutsAndDeadlinesHaveTheirCauseOrAreTheirOwn) {
  run([] {
    const auto [plain, cancel_plain] = context::with_timeout(context::background(), 0s);
    EXPECT_EQ(state_of(plain), too_late + ", " + too_late);
    const auto [at_once, cancel_at_once] = context::with_timeout_cause(context::background(), 0s, because("at once"));
    EXPECT_EQ(state_of(at_once), too_late + ", at once");
    const auto [empty, cancel_empty] = context::with_timeout_cause(context::background(), 0s, {});
    EXPECT_EQ(state_of(empty), too_late + ", " + too_late);

    const auto [late, cancel_late] =
        context::with_deadline_cause(context::background(), clock::now() + 10ms, because("late"));
    const auto [child, cancel_child] = context::with_cancel(late);
    EXPECT_FALSE(child.done().recv());
    EXPECT_EQ(state_of(late), too_late + ", late");
    EXPECT_EQ(state_of(child), too_late + ", late");
  });
}

TEST_P(ContextCause, CX15_CancellingATimeoutDoesNotSetItsCause) {
  run([] {
    const auto [plain, cancel_plain] = context::with_timeout(context::background(), 1h);
    cancel_plain();
    EXPECT_EQ(state_of(plain), canceled + ", " + canceled);
    const auto [caused, cancel_caused] = context::with_timeout_cause(context::background(), 1h, because("late"));
    cancel_caused();
    EXPECT_EQ(state_of(caused), canceled + ", " + canceled);
    const auto [dated, cancel_dated] =
        context::with_deadline_cause(context::background(), clock::now() + 1h, because("late"));
    cancel_dated();
    EXPECT_EQ(state_of(dated), canceled + ", " + canceled);
  });
}

TEST_P(ContextCause, CX15_ACauseIsSetBeforeAnybodySeesDoneAndReadByManyAtOnce) {
  run([] {
    for (int round = 0; round < scale(1000, 100); ++round) {
      const auto [ctx, cancel] = context::with_cancel_cause(context::background());
      goro::wait_group wg;
      for (int i = 0; i < 4; ++i) {
        wg.go([seen = ctx] {
          EXPECT_FALSE(seen.done().recv());
          EXPECT_EQ(state_of(seen), canceled + ", reason");
        });
      }
      cancel(because("reason"));
      wg.wait();
    }
  });
}

TEST_P(ContextWithoutCancel, CX15_HasNoCauseWhateverHappensToTheParent) {
  run([] {
    const auto [parent, cancel] = context::with_cancel_cause(context::background());
    const context detached = context::without_cancel(parent);
    cancel(because("parent"));
    EXPECT_EQ(state_of(detached), "none, none");
    const auto [child, cancel_child] = context::with_cancel_cause(detached);
    EXPECT_EQ(state_of(child), "none, none");
    cancel_child(because("child"));
    EXPECT_EQ(state_of(child), canceled + ", child");
  });
}

TEST_P(ContextWithoutCancel, CX16_HasNoDeadlineAndIsNeverDoneButKeepsTheValues) {
  static const goro::context_key<std::string> key{"key"};
  run([] {
    const auto [parent, cancel] = context::with_timeout(context::with_value(context::background(), key, "value"), 1h);
    const context detached = context::without_cancel(parent);
    cancel();
    EXPECT_EQ(detached.deadline(), std::nullopt);
    EXPECT_EQ(detached.done(), nullptr);
    EXPECT_FALSE(detached.err());
    EXPECT_EQ(detached.cause(), nullptr);
    ASSERT_NE(detached.value(key), nullptr);
    EXPECT_EQ(*detached.value(key), "value");
  });
}

TEST_P(ContextWithoutCancel, CX16_IsWhereDeadlinesBelowStartAnew) {
  run([] {
    const auto [parent, cancel] = context::with_timeout(context::background(), 0s);
    const context detached = context::without_cancel(parent);
    const auto [later, stop_later] = context::with_timeout(detached, 1h);
    EXPECT_FALSE(later.err());
    const auto [child, stop] = context::with_timeout(detached, 10ms);
    EXPECT_FALSE(child.done().recv());
    EXPECT_EQ(child.err(), context_errc::deadline_exceeded);
  });
}

}  // namespace
