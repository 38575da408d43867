// SPDX-License-Identifier: BSL-1.0
// goro::async and goro::future: one result, to be had once, by goroutines and plain threads.
#include <goro/parallel.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

#include <goro/select.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

struct Future : on_procs {};
GORO_ON_PROCS(Future);

static_assert(!std::is_copy_constructible_v<goro::future<int>>);
static_assert(std::is_nothrow_move_constructible_v<goro::future<int>>);

TEST_P(Future, BringsWhatTheFunctionReturns) {
  run([] {
    EXPECT_EQ(goro::async([] { return 42; }).get(), 42);
    EXPECT_EQ(goro::async([](int a, const std::string& b) { return b + std::to_string(a); }, 7, "bond").get(), "bond7");
    EXPECT_EQ(*goro::async([](std::unique_ptr<int> p) { return p; }, std::make_unique<int>(5)).get(), 5);
    bool called = false;
    goro::async([&] { called = true; }).get();
    EXPECT_TRUE(called);
  });
}

TEST_P(Future, RethrowsWhatTheFunctionThrew) {
  run([] {
    auto failed = goro::async([]() -> int { throw std::runtime_error("no answer"); });
    failed.wait();
    EXPECT_TRUE(failed.valid());
    try {
      failed.get();
      FAIL() << "it returned";
    } catch (const std::runtime_error& e) {
      EXPECT_STREQ(e.what(), "no answer");
    }
  });
}

TEST_P(Future, OfAFunctionThatCallsGoexitPanics) {
  run([] {
    auto nothing = goro::async([]() -> int { goro::goexit(); });
    EXPECT_EQ(panic_of([&] { return nothing.get(); }), "goro::future: the function called goexit: there is no result");
  });
}

TEST_P(Future, HasItsResultOnce) {
  run([] {
    auto once = goro::async([] { return 1; });
    EXPECT_TRUE(once.valid());
    EXPECT_EQ(once.get(), 1);
    EXPECT_FALSE(once.valid());
    const std::string no_result =
        "goro::future: no result: it was taken already, or this is a future that nothing was assigned to";
    EXPECT_EQ(panic_of([&] { return once.get(); }), no_result);
    EXPECT_EQ(panic_of([&] { return goro::future<int>().ready(); }), no_result);
  });
}

TEST_P(Future, IsReadyWhenTheFunctionHasEnded) {
  run([] {
    auto gate = goro::make_chan<void>();
    const auto waits = goro::async([gate] { gate.recv(); });
    EXPECT_FALSE(waits.ready());
    EXPECT_EQ(waits.done().try_recv(), goro::recv_status::empty);
    gate.close();
    waits.wait();
    EXPECT_TRUE(waits.ready());
    EXPECT_EQ(waits.done().try_recv(), goro::recv_status::closed);
  });
}

TEST_P(Future, TakesPartInASelect) {
  run([] {
    auto gate = goro::make_chan<void>();
    auto slow = goro::async([gate] { return gate.recv(), 1; });
    auto fast = goro::async([] { return 2; });
    EXPECT_EQ(goro::select(goro::recv(slow.done()), goro::recv(fast.done())), 1);
    EXPECT_EQ(fast.get(), 2);
    gate.close();
    EXPECT_EQ(slow.get(), 1);
  });
}

TEST_P(Future, GivesUpWaitingWhenTheContextEnds) {
  run([] {
    auto gate = goro::make_chan<void>();
    auto slow = goro::async([gate] { return gate.recv(), 1; });
    auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
    goro::after_func(5ms, [cancel = cancel] { cancel(); });
    EXPECT_EQ(slow.wait(ctx), goro::context_errc::canceled);
    EXPECT_TRUE(slow.valid());
    gate.close();
    EXPECT_FALSE(slow.wait(goro::context::background()));
    EXPECT_EQ(slow.get(), 1);
  });
}

TEST_P(Future, ThatIsDroppedDropsTheResultAndNotTheFunction) {
  run([] {
    auto called = goro::make_chan<void>();
    static_cast<void>(goro::async([called] {
      called.send();
      return std::make_unique<int>(1);
    }));
    called.recv();
  });
}

TEST_P(Future, MayBeMadeAndWaitedForByPlainThreads) {
  run([] {
    int result = 0;
    goro::blocking([&] { std::thread([&] { result = goro::async([] { return 3; }).get(); }).join(); });
    EXPECT_EQ(result, 3);
  });
}

TEST_P(Future, ManyMayAskForItsChannelWhileItFinishes) {
  run([] {
    for (int round = 0; round < scale(2000, 200); ++round) {
      const auto one = goro::async([] {});
      goro::wait_group group;
      for (int i = 0; i < 4; ++i) group.go([&] { one.done().recv(); });
      group.wait();
      EXPECT_TRUE(one.ready());
    }
  });
}

}  // namespace
