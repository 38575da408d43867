// SPDX-License-Identifier: BSL-1.0
// Calls that a context's end starts: when they run, what stops them, and what they keep.
#include <goro/goro.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;
using goro::context_errc;

struct ContextAfterFunc : on_procs {};
GORO_ON_PROCS(ContextAfterFunc);

/// Gives everybody time to run a call that must not come.
void let_calls_come() {
  for (int i = 0; i < 20; ++i) goro::gosched();
  goro::sleep(5ms);
}

TEST_P(ContextAfterFunc, CX17_TheCallComesAfterTheCancelAndCannotBeStoppedThen) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    auto called = goro::make_chan<std::uint64_t>(1);
    const auto stop = context::after_func(ctx, [called] { called.send(goro::goid()); });
    let_calls_come();
    EXPECT_EQ(called.len(), 0u);
    cancel();
    EXPECT_NE(called.recv(), goro::goid()) << "not in a goroutine of its own";
    EXPECT_FALSE(stop());
  });
}

TEST_P(ContextAfterFunc, CX18_TheCallComesAfterTheTimeout) {
  run([] {
    const auto start = goro::clock::now();
    const auto [ctx, cancel] = context::with_timeout(context::background(), 10ms);
    auto called = goro::make_chan<void>();
    const auto stop = context::after_func(ctx, [called] { called.close(); });
    EXPECT_FALSE(called.recv());
    EXPECT_GE(goro::clock::now() - start, 10ms);
    EXPECT_FALSE(stop());
  });
}

TEST_P(ContextAfterFunc, CX19_TheCallComesAtOnceIfTheContextIsDone) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    cancel();
    auto called = goro::make_chan<void>();
    const auto stop = context::after_func(ctx, [called] { called.close(); });
    EXPECT_FALSE(stop());
    EXPECT_FALSE(called.recv());
  });
}

/// A context of the user's own kind that calls whoever asks when it is cancelled.
struct announcing : goro::context_base {
  goro::recv_chan<void> done() const override { return done_; }
  std::error_code err() const override {
    const std::lock_guard lock(mu_);
    return err_;
  }
  std::function<bool()> after_func(std::function<void()> f) override {
    const std::lock_guard lock(mu_);
    const int id = ++last_;
    calls_[id] = std::move(f);
    return [this, id] {
      const std::lock_guard own(mu_);
      return calls_.erase(id) == 1;
    };
  }
  void cancel() {
    std::map<int, std::function<void()>> calls;
    {
      const std::lock_guard lock(mu_);
      err_ = context_errc::canceled;
      calls.swap(calls_);
    }
    done_.close();
    for (auto& [id, f] : calls) goro::go(std::move(f));
  }
  std::size_t asked() const {
    const std::lock_guard lock(mu_);
    return calls_.size();
  }

 private:
  mutable goro::mutex mu_;
  const goro::chan<void> done_ = goro::make_chan<void>();
  std::error_code err_;
  std::map<int, std::function<void()>> calls_;
  int last_ = 0;
};

TEST_P(ContextAfterFunc, CX20_AForeignParentThatOffersItEndsChildrenThroughIt) {
  run([] {
    const auto own = std::make_shared<announcing>();
    const std::size_t goroutines = goro::num_goroutine();
    const auto [child, cancel] = context::with_cancel(context(own));
    const auto [sibling, cancel_sibling] = context::with_cancel(context(own));
    EXPECT_EQ(own->asked(), 2u);
    EXPECT_EQ(goro::num_goroutine(), goroutines);
    cancel_sibling();
    EXPECT_EQ(own->asked(), 1u) << "a child that ended is not called off";
    EXPECT_FALSE(child.err());
    own->cancel();
    EXPECT_FALSE(child.done().recv());
    EXPECT_EQ(child.err(), context_errc::canceled);
  });
}

TEST_P(ContextAfterFunc, CX20_AChildWithATimeoutOfAForeignParentExpiresAndIsCalledOff) {
  run([] {
    const auto own = std::make_shared<announcing>();
    const auto [child, cancel] = context::with_timeout(context(own), 10ms);
    EXPECT_EQ(own->asked(), 1u);
    EXPECT_FALSE(child.done().recv());
    EXPECT_EQ(child.err(), context_errc::deadline_exceeded);
    EXPECT_TRUE(eventually([&] { return own->asked() == 0; }));
    EXPECT_FALSE(own->err());
  });
}

TEST_P(ContextAfterFunc, CX20_ACallAfterAForeignContextComesThroughIt) {
  run([] {
    const auto own = std::make_shared<announcing>();
    auto called = goro::make_chan<void>();
    const auto stop = context::after_func(context(own), [called] { called.close(); });
    const auto stop_other = context::after_func(context(own), [] { ADD_FAILURE() << "was stopped"; });
    EXPECT_EQ(own->asked(), 2u);
    EXPECT_TRUE(stop_other());
    EXPECT_EQ(own->asked(), 1u);
    own->cancel();
    EXPECT_FALSE(called.recv());
    EXPECT_FALSE(stop());
  });
}

TEST_P(ContextAfterFunc, CX22_AStoppedCallNeverComesAndIsStoppedOnce) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    std::atomic<int> calls{0};
    const auto stop = context::after_func(ctx, [&calls] { ++calls; });
    const auto copy = stop;
    EXPECT_TRUE(stop());
    cancel();
    let_calls_come();
    EXPECT_EQ(calls, 0);
    EXPECT_FALSE(stop());
    EXPECT_FALSE(copy());
  });
}

TEST_P(ContextAfterFunc, SeveralCallsAreIndependentAndDroppingStopStopsNothing) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    auto called = goro::make_chan<int>(10);
    for (int i = 0; i < 5; ++i) context::after_func(ctx, [called, i] { called.send(i); });
    const auto stop = context::after_func(ctx, [called] { called.send(100); });
    EXPECT_TRUE(stop());
    cancel();
    int sum = 0;
    for (int i = 0; i < 5; ++i) sum += called.recv().value_or(1000);
    EXPECT_EQ(sum, 0 + 1 + 2 + 3 + 4);
  });
}

TEST_P(ContextAfterFunc, NeitherCancelNorStopWaitsForTheCall) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    auto release = goro::make_chan<void>();
    auto started = goro::make_chan<void>(1);
    const auto stop = context::after_func(ctx, [=] {
      started.send();
      release.recv();
    });
    cancel();
    EXPECT_TRUE(started.recv());
    EXPECT_FALSE(stop());
    release.close();
  });
}

TEST_P(ContextAfterFunc, WhatAStoppedCallCapturedIsFreedAtOnceThoughStopAndParentAreHeld) {
  const int alive = tracked::alive;
  run([&] {
    const auto own = std::make_shared<announcing>();
    const auto [cancelable, cancel] = context::with_cancel(context::background());
    for (const context& parent : {context::background(), cancelable, context(own)}) {
      const auto stop = context::after_func(parent, [held = tracked(1)] { ADD_FAILURE() << held.value; });
      EXPECT_EQ(tracked::alive, alive + 1) << parent;
      EXPECT_TRUE(stop());
      EXPECT_EQ(tracked::alive, alive) << parent;
    }
    EXPECT_FALSE(cancelable.err());
  });
}

TEST_P(ContextAfterFunc, WhatACallCapturedIsFreedWhenItHasRunThoughStopIsHeld) {
  const int alive = tracked::alive;
  run([&] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    auto called = goro::make_chan<int>();
    const auto stop =
        context::after_func(ctx, [called, held = std::make_unique<tracked>(7)] { called << held->value; });
    cancel();
    EXPECT_EQ(called.recv(), 7);
    EXPECT_TRUE(eventually([&] { return tracked::alive == alive; }));
  });
}

TEST_P(ContextAfterFunc, ACallAfterAContextThatIsNeverDoneIsFreedWithItsStop) {
  const int alive = tracked::alive;
  run([&] {
    context::after_func(context::background(), [held = tracked(1)] { ADD_FAILURE() << held.value; });
    EXPECT_EQ(tracked::alive, alive);
  });
}

TEST_P(ContextAfterFunc, OfAStopAndACancelAtTheSameTimeExactlyOneWins) {
  run([] {
    std::atomic<int> calls{0};
    int stopped = 0;
    const int rounds = scale(20'000, 2'000);
    for (int i = 0; i < rounds; ++i) {
      const auto [ctx, cancel] = context::with_cancel(context::background());
      const auto stop = context::after_func(ctx, [&calls] { ++calls; });
      goro::go([c = cancel] { c(); });
      if (i % 2 == 0) goro::gosched();
      stopped += stop();
    }
    EXPECT_TRUE(eventually([&] { return calls + stopped == rounds; })) << calls << " + " << stopped;
    expect_others_end();
    EXPECT_EQ(calls + stopped, rounds);
  });
}

}  // namespace
