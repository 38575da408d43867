// SPDX-License-Identifier: BSL-1.0
// Contexts that are done at a time.
#include <goro/goro.hpp>

#include <chrono>
#include <memory>
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
using goro::context_errc;

struct ContextDeadline : on_procs {};
GORO_ON_PROCS(ContextDeadline);

bool is_done(const context& ctx) { return ctx.done().try_recv() == goro::recv_status::closed; }

void expect_expires(const context& ctx, clock::time_point when) {
  ASSERT_TRUE(ctx.deadline());
  EXPECT_GE(*ctx.deadline(), when);
  EXPECT_FALSE(ctx.err());
  EXPECT_FALSE(ctx.done().recv());
  EXPECT_GE(clock::now(), when);
  EXPECT_LT(clock::now() - when, 10s);
  EXPECT_EQ(ctx.err(), context_errc::deadline_exceeded);
}

TEST_P(ContextDeadline, CX05_ADeadlineEndsTheContextNotBeforeItHasCome) {
  run([] {
    const auto when = clock::now() + 20ms;
    const auto [ctx, cancel] = context::with_deadline(context::background(), when);
    EXPECT_EQ(ctx.deadline(), when);
    expect_expires(ctx, when);
    cancel();  // too late to change anything
    EXPECT_EQ(ctx.err(), context_errc::deadline_exceeded);
  });
}

TEST_P(ContextDeadline, CX05_ADeadlineWorksThroughAWrapperAndInsideALaterOne) {
  run([] {
    const auto when = clock::now() + 20ms;
    const auto [ctx, cancel] = context::with_deadline(context::background(), when);
    const context wrapped(std::make_shared<wrapper>(ctx));
    const auto [later, cancel_later] = context::with_deadline(wrapped, when + 1h);
    EXPECT_EQ(later.deadline(), when);
    expect_expires(later, when);
    EXPECT_EQ(wrapped.err(), context_errc::deadline_exceeded);
  });
}

TEST_P(ContextDeadline, CX05_ADeadlineThatHasComeEndsTheContextBeforeTheCallReturns) {
  run([] {
    for (const auto when : {clock::now() - 1s, clock::now(), clock::time_point(), clock::time_point::min()}) {
      const auto [ctx, cancel] = context::with_deadline(context::background(), when);
      EXPECT_TRUE(is_done(ctx)) << when.time_since_epoch().count();
      EXPECT_EQ(ctx.err(), context_errc::deadline_exceeded);
      EXPECT_EQ(ctx.deadline(), when);
    }
  });
}

TEST_P(ContextDeadline, CX06_ATimeoutEndsTheContextNotBeforeItHasPassed) {
  run([] {
    const auto start = clock::now();
    const auto [ctx, cancel] = context::with_timeout(context::background(), 20ms);
    expect_expires(ctx, start + 20ms);
  });
}

TEST_P(ContextDeadline, CX06_ATimeoutWorksThroughAWrapperAndInsideALaterOne) {
  run([] {
    const auto start = clock::now();
    const auto [ctx, cancel] = context::with_timeout(context::background(), 20ms);
    const auto [later, cancel_later] = context::with_timeout(context(std::make_shared<wrapper>(ctx)), 1h);
    expect_expires(later, start + 20ms);
  });
}

TEST_P(ContextDeadline, CX06_NoTimeAtAllEndsTheContextBeforeTheCallReturns) {
  run([] {
    for (const auto d : {0ns, -1ns, std::chrono::nanoseconds(-1h), std::chrono::nanoseconds::min()}) {
      const auto [ctx, cancel] = context::with_timeout(context::background(), d);
      EXPECT_TRUE(is_done(ctx)) << d.count();
      EXPECT_EQ(ctx.err(), context_errc::deadline_exceeded);
    }
    const auto [ctx, cancel] = context::with_timeout(context::background(), std::chrono::hours::min());
    EXPECT_TRUE(is_done(ctx));
  });
}

TEST_P(ContextDeadline, CX06_ATimeoutTooLongToCountNeverComes) {
  run([] {
    const auto [ctx, cancel] = context::with_timeout(context::background(), std::chrono::hours::max());
    const auto [longest, cancel_longest] = context::with_deadline(context::background(), clock::time_point::max());
    goro::sleep(20ms);
    EXPECT_FALSE(ctx.err());
    EXPECT_FALSE(longest.err());
    cancel();
    EXPECT_EQ(ctx.err(), context_errc::canceled);
  });
}

TEST_P(ContextDeadline, CX07_CancellingBeforeTheTimeoutIsSeenAtOnceAsCanceled) {
  run([] {
    const std::size_t timers = goro::debug::stats().timers;
    const auto [ctx, cancel_outer] = context::with_timeout(context::background(), 1h);
    const auto [inner, cancel] = context::with_timeout(context(std::make_shared<wrapper>(ctx)), 30min);
    EXPECT_EQ(goro::debug::stats().timers, timers + 2);
    cancel();
    EXPECT_TRUE(is_done(inner));
    EXPECT_EQ(inner.err(), context_errc::canceled);
    EXPECT_FALSE(ctx.err());
    EXPECT_EQ(goro::debug::stats().timers, timers + 1);
    cancel_outer();
    EXPECT_EQ(goro::debug::stats().timers, timers);
  });
}

TEST_P(ContextDeadline, CX07_DroppingTheCancelFunctionStopsTheTimerThoughTheContextIsHeld) {
  run([] {
    const std::size_t timers = goro::debug::stats().timers;
    const context ctx = context::with_timeout(context::background(), 1h).first;
    EXPECT_EQ(ctx.err(), context_errc::canceled);
    EXPECT_EQ(goro::debug::stats().timers, timers);
  });
}

TEST_P(ContextDeadline, TheEarlierOfTheOwnDeadlineAndTheParentsCounts) {
  run([] {
    const auto when = clock::now() + 1h;
    const auto [ctx, cancel] = context::with_deadline(context::background(), when);
    const auto [earlier, cancel_earlier] = context::with_deadline(ctx, when - 1s);
    EXPECT_EQ(earlier.deadline(), when - 1s);
    const auto [later, cancel_later] = context::with_deadline(ctx, when + 1s);
    EXPECT_EQ(later.deadline(), when);
    const auto [plain, cancel_plain] = context::with_cancel(earlier);
    EXPECT_EQ(plain.deadline(), when - 1s);
  });
}

TEST_P(ContextDeadline, CancelAndDeadlineAtTheSameTimeAgreeOnOneError) {
  run([] {
    for (int i = 0; i < scale(2000, 200); ++i) {
      const auto [ctx, cancel] = context::with_timeout(context::background(), std::chrono::microseconds(i % 50));
      const auto [child, cancel_child] = context::with_cancel(ctx);
      goro::go([stop = cancel] { stop(); });
      EXPECT_FALSE(child.done().recv());
      EXPECT_TRUE(child.err() == context_errc::canceled || child.err() == context_errc::deadline_exceeded);
      EXPECT_TRUE(eventually([&c = ctx] { return bool(c.err()); }));
      EXPECT_EQ(child.err(), ctx.err());
    }
  });
}

TEST_P(ContextDeadline, CX13_ExceededDeadlineIsATimeout) {
  run([] {
    const auto [ctx, cancel] = context::with_timeout(context::background(), 0ns);
    EXPECT_EQ(ctx.err(), std::errc::timed_out);
    EXPECT_NE(ctx.err(), std::errc::operation_canceled);
    EXPECT_EQ(ctx.err().message(), "context deadline exceeded");
  });
}

TEST_P(ContextDeadline, CX14_WhoeverHandlesSystemErrorsCanTellATimeoutFromACancellation) {
  run([] {
    const auto [late, cancel_late] = context::with_timeout(context::background(), 0ns);
    const auto [stopped, cancel] = context::with_cancel(context::background());
    cancel();
    const auto kind = [](const context& ctx) -> std::string {
      try {
        std::rethrow_exception(ctx.cause());
      } catch (const std::system_error& e) {
        if (e.code() == std::errc::timed_out) return "timeout";
        if (e.code() == std::errc::operation_canceled) return "canceled";
      }
      return "else";
    };
    EXPECT_EQ(kind(late), "timeout");
    EXPECT_EQ(kind(stopped), "canceled");
  });
}

}  // namespace
