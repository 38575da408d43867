// SPDX-License-Identifier: BSL-1.0
// goro::singleflight: calls with one key at the same time are one call, however it ends.
#include <atomic>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/select.hpp>
#include <goro/sync/singleflight.hpp>
#include <goro/sync/wait_group.hpp>

#include "goro_test.hpp"

namespace {

using XsyncSingleflight = on_procs;
GORO_ON_PROCS(XsyncSingleflight);

using group = goro::singleflight<std::string, std::string>;
static_assert(!std::is_copy_constructible_v<group> && !std::is_move_constructible_v<group>);

struct failure : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Starts `callers` goroutines that call `key`, the first of which runs f, and lets f go on when all of them wait.
template <class F, class Caller>
void call_at_the_same_time(group& g, int callers, F f, Caller caller) {
  const auto go_on = goro::make_chan<void>();
  goro::wait_group wg;
  std::atomic<int> calls{0};
  for (int i = 0; i < callers; ++i) {
    wg.go([&] {
      caller([&] {
        return g.call("key", [&]() -> std::string {
          ++calls;
          go_on.recv();
          return f();
        });
      });
    });
  }
  ASSERT_TRUE(eventually_waiting(static_cast<std::size_t>(callers), "chan receive"));
  go_on.send();
  wg.wait();
  EXPECT_EQ(calls, 1);
}

// XS-08
TEST_P(XsyncSingleflight, XS08_CallGivesTheResult) {
  run([] {
    group g;
    for (const char* value : {"bar", "baz"}) {
      const auto [got, shared] = g.call("key", [=] { return value; });
      EXPECT_EQ(got, value);
      EXPECT_FALSE(shared);
    }
  });
}

// XS-08
TEST_P(XsyncSingleflight, XS08_CallThrowsWhatTheFunctionThrows) {
  run([] {
    group g;
    for (int i = 0; i < 2; ++i) {
      try {
        static_cast<void>(g.call("key", []() -> std::string { throw failure("some error"); }));
        ADD_FAILURE() << "no exception";
      } catch (const failure& e) {
        EXPECT_STREQ(e.what(), "some error");
      }
    }
    EXPECT_EQ(g.call("key", [] { return "fine"; }).value, "fine");
  });
}

// XS-08
TEST_P(XsyncSingleflight, XS08_ChannelDeliversTheResultOrTheException) {
  run([] {
    group g;
    auto outcome = g.call_chan("key", [] { return "bar"; }).recv();
    ASSERT_TRUE(outcome.has_value());
    EXPECT_EQ(outcome->get(), "bar");
    EXPECT_FALSE(outcome->shared);

    const auto failed = g.call_chan("key", [only_movable = std::make_unique<int>(1)]() -> std::string {
                           throw failure("error " + std::to_string(*only_movable));
                         }).recv();
    ASSERT_TRUE(failed.has_value());
    EXPECT_THROW(static_cast<void>(failed->get()), failure);
    EXPECT_THROW(static_cast<void>(failed->get()), failure);
  });
}

// XS-08
TEST_P(XsyncSingleflight, XS08_TenCallersAtTheSameTimeAreOneCall) {
  run([] {
    group g;
    std::atomic<int> shared{0};
    call_at_the_same_time(
        g, 10, [] { return "bar"; },
        [&](auto call) {
          const auto result = call();
          EXPECT_EQ(result.value, "bar");
          if (result.shared) ++shared;
        });
    EXPECT_EQ(shared, 10);
  });
}

// XS-08
TEST_P(XsyncSingleflight, XS08_DifferentKeysDoNotWaitForEachOther) {
  run([] {
    goro::singleflight<int, int> g;
    const int outer =
        g.call(1, [&] { return 1 + g.call(2, [&] { return 2 + g.call(3, [] { return 3; }).value; }).value; }).value;
    EXPECT_EQ(outer, 6);
  });
}

// XS-08
TEST_P(XsyncSingleflight, XS08_DuplicatesShareAnException) {
  run([] {
    group g;
    std::atomic<int> failures{0};
    call_at_the_same_time(
        g, 5, []() -> std::string { throw failure("some error"); },
        [&](auto call) {
          try {
            static_cast<void>(call());
          } catch (const failure&) {
            ++failures;
          }
        });
    EXPECT_EQ(failures, 5);
    EXPECT_EQ(g.call("key", [] { return "again"; }).value, "again");
  });
}

// XS-09
TEST_P(XsyncSingleflight, XS09_PanicReachesAllFiveCallers) {
  run([] {
    struct invalid_memory_address : goro::panic {
      using panic::panic;
      int code = 5;
    };
    group g;
    std::atomic<int> panics{0};
    call_at_the_same_time(
        g, 5, []() -> std::string { throw invalid_memory_address("invalid memory address"); },
        [&](auto call) {
          try {
            static_cast<void>(call());
          } catch (const invalid_memory_address& e) {  // the value itself, not only its text
            EXPECT_STREQ(e.what(), "invalid memory address");
            EXPECT_EQ(e.code, 5);
            ++panics;
          }
        });
    EXPECT_EQ(panics, 5);
    EXPECT_EQ(g.call("key", [] { return "again"; }).value, "again");
  });
}

// K3
TEST_P(XsyncSingleflight, K3_GoexitEndsAllFiveCallers) {
  run([] {
    group g;
    std::atomic<int> ended{0};
    call_at_the_same_time(
        g, 5, []() -> std::string { goro::goexit(); },
        [&](auto call) {
          const goro::defer note{[&] { ++ended; }};
          static_cast<void>(call());
          ADD_FAILURE() << "went on after goexit";
        });
    EXPECT_EQ(ended, 5);
    EXPECT_EQ(g.call("key", [] { return "again"; }).value, "again");
  });
}

// K3
TEST_P(XsyncSingleflight, K3_NothingComesOfTheChannelOfAFunctionThatCallsGoexit) {
  run([] {
    group g;
    const auto answer = g.call_chan("key", []() -> std::string { goro::goexit(); });
    ASSERT_TRUE(eventually([] { return goro::num_goroutine() == 1; }));
    EXPECT_EQ(goro::select(goro::recv(answer), goro::otherwise), 1u);
    EXPECT_EQ(g.call("key", [] { return "again"; }).value, "again");
  });
}

// XS-10
TEST_P(XsyncSingleflight, XS10_ExampleDuplicatesShareTheFirstsResult) {
  run([] {
    group g;
    const auto block = goro::make_chan<void>();
    const auto first = g.call_chan("key", [=] {
      block.recv();
      return "func 1";
    });
    const auto second = g.call_chan("key", [=] {
      block.recv();
      return "func 2";
    });
    block.close();
    const auto of_first = first.recv();
    const auto of_second = second.recv();
    EXPECT_TRUE(of_first->shared);
    EXPECT_TRUE(of_second->shared);
    EXPECT_EQ(of_first->get(), "func 1");
    EXPECT_EQ(of_second->get(), "func 1");
    EXPECT_EQ(&of_first->get(), &of_second->get());
  });
}

// K3
TEST_P(XsyncSingleflight, K3_CallAfterForgetStartsAnewAndIsNotUndoneByTheForgottenOne) {
  run([] {
    goro::singleflight<std::string, int> g;
    const auto end_first = goro::make_chan<void>();
    const auto end_second = goro::make_chan<void>();
    const auto first = g.call_chan("key", [=] {
      end_first.recv();
      return 1;
    });
    ASSERT_TRUE(eventually_waiting(1, "chan receive"));
    g.forget("key");
    const auto second = g.call_chan("key", [=] {
      end_second.recv();
      return 2;
    });
    end_first.send();
    const auto of_first = first.recv();
    EXPECT_EQ(of_first->get(), 1);
    EXPECT_FALSE(of_first->shared);

    // The first has ended: the second is still the one that is under way.
    const auto third = g.call_chan("key", [] { return 3; });
    end_second.send();
    EXPECT_EQ(second.recv()->get(), 2);
    const auto of_third = third.recv();
    EXPECT_EQ(of_third->get(), 2);
    EXPECT_TRUE(of_third->shared);
    EXPECT_EQ(g.call("key", [] { return 4; }).value, 4);
    g.forget("never called");
  });
}

// K3
TEST_P(XsyncSingleflight, K3_CallsAndChannelsShareOneFlight) {
  run([] {
    group g;
    const auto end = goro::make_chan<void>();
    const auto answer = g.call_chan("key", [=] {
      end.recv();
      return "one";
    });
    goro::wait_group wg;
    wg.go([&] {
      const auto [value, shared] = g.call("key", [] { return "two"; });
      EXPECT_EQ(value, "one");
      EXPECT_TRUE(shared);
    });
    ASSERT_TRUE(eventually_waiting(2, "chan receive"));
    end.send();
    wg.wait();
    EXPECT_EQ(answer.recv()->get(), "one");
  });
}

// HB21
TEST_P(XsyncSingleflight, HB21_ThreadsAndGoroutinesShareResults) {
  run([] {
    const int turns = scale(2000);
    goro::singleflight<int, std::vector<int>> g;
    std::atomic<int> calls{0};
    const auto work = [&] {
      for (int i = 0; i < turns; ++i) {
        const auto [value, shared] = g.call(i % 3, [&] {
          ++calls;
          let_others_run();
          return std::vector<int>(3, i % 3);
        });
        ASSERT_EQ(value, std::vector<int>(3, i % 3));
      }
    };
    goro::wait_group wg;
    for (int i = 0; i < 3; ++i) wg.go(work);
    std::thread thread_1(work);
    std::thread thread_2(work);
    wg.wait();
    goro::blocking([&] {
      thread_1.join();
      thread_2.join();
    });
    EXPECT_GE(calls, turns);
    EXPECT_LE(calls, 5 * turns);
  });
}

}  // namespace
