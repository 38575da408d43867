// SPDX-License-Identifier: BSL-1.0
// goro::once and goro::once_value: one call, whoever comes first and however it ends.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync/once.hpp>
#include <goro/sync/wait_group.hpp>

#include "goro_test.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}

[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

using SyncOnce = on_procs;
GORO_ON_PROCS(SyncOnce);

static_assert(!std::is_copy_constructible_v<goro::once> && !std::is_move_constructible_v<goro::once>);

// SY-07
TEST_P(SyncOnce, SY07_OfTenCallersOneCallsAndAllReturnAfterwards) {
  run([] {
    goro::once once;
    int calls = 0;  // not atomic: the call happens before the return of every call()
    goro::wait_group wg;
    for (int i = 0; i < 10; ++i) {
      wg.go([&] {
        once.call([&] {
          goro::gosched();
          ++calls;
        });
        EXPECT_EQ(calls, 1);
      });
    }
    wg.wait();
    EXPECT_EQ(calls, 1);
  });
}

// SY-07
TEST_P(SyncOnce, SY07_CallThatPanicsCounts) {
  run([] {
    goro::once once;
    EXPECT_EQ(panic_of([&] {
                once.call([] { throw goro::panic("failed"); });
                return 0;
              }),
              "failed");
    once.call([] { ADD_FAILURE() << "called twice"; });
  });
}

// Y13, HB12
TEST_P(SyncOnce, Y13_EveryCallReturnsOnlyAfterTheOneCallHasWhateverItsOwnFunctionIs) {
  run([] {
    constexpr int others = 3;
    goro::once once;
    bool finished = false;
    const auto entered = goro::make_chan<void>();
    const auto leave = goro::make_chan<void>();
    goro::wait_group wg;
    wg.go([&] {
      once.call([&] {
        entered.send();
        leave.recv();
        finished = true;
      });
    });
    entered.recv();
    std::atomic<int> returned{0};
    for (int i = 0; i < others; ++i) {
      wg.go([&] {
        once.call([] { ADD_FAILURE() << "called twice"; });
        EXPECT_TRUE(finished);
        ++returned;
      });
    }
    EXPECT_TRUE(eventually_waiting(others, "sync.Mutex.Lock"));
    EXPECT_EQ(returned, 0);
    leave.send();
    wg.wait();
    EXPECT_EQ(returned, others);
  });
}

// Y14
TEST_P(SyncOnce, Y14_CallThatEndsByGoexitCounts) {
  run([] {
    goro::once once;
    goro::wait_group wg;
    wg.go([&] {
      once.call([] { goro::goexit(); });
      ADD_FAILURE() << "went on after goexit";
    });
    wg.wait();
    once.call([] { ADD_FAILURE() << "called twice"; });
  });
}

// SY-08
TEST_P(SyncOnce, SY08_FunctionResultAndPairComeOfOneCall) {
  run([] {
    int calls = 0;
    const auto nothing = goro::once_value([&] { ++calls; });
    static_assert(std::is_void_v<decltype(nothing())>);
    const auto value = goro::once_value([&] { return ++calls; });
    const auto values = goro::once_value([&] {
      ++calls;
      return std::pair<int, std::string>(calls, "second");
    });
    EXPECT_EQ(calls, 0);
    for (int i = 0; i < 3; ++i) {
      nothing();
      EXPECT_EQ(value(), 2);
      const auto& [first, second] = values();
      EXPECT_EQ(first, 3);
      EXPECT_EQ(second, "second");
    }
    const auto copy = value;
    EXPECT_EQ(&copy(), &value());
    EXPECT_EQ(calls, 3);
  });
}

// SY-08, Y16
TEST_P(SyncOnce, SY08_LaterCallsAllocateNothing) {
  run([] {
    const auto nothing = goro::once_value([] {});
    const auto value = goro::once_value([] { return std::string(100, 'x'); });
    goro::once once;
    nothing();
    EXPECT_EQ(value().size(), 100u);
    once.call([] {});
    std::size_t fewest = 1;
    for (int attempt = 0; attempt < 5; ++attempt) {  // a worker thread may start meanwhile
      const std::size_t before = allocations;
      for (int i = 0; i < 100; ++i) {
        nothing();
        EXPECT_EQ(value().size(), 100u);
        once.call([] {});
      }
      fewest = std::min(fewest, allocations - before);
    }
    EXPECT_EQ(fewest, 0u);
  });
}

// SY-08, Y16, HB12
TEST_P(SyncOnce, SY08_ConcurrentCallersShareOneResult) {
  run([] {
    std::atomic<int> calls{0};
    const auto value = goro::once_value([&] {
      ++calls;
      goro::gosched();
      return std::vector<int>{1, 2, 3};
    });
    std::atomic<const std::vector<int>*> seen{nullptr};
    const auto check = [&] {
      const std::vector<int>& result = value();
      EXPECT_EQ(result, (std::vector<int>{1, 2, 3}));
      const std::vector<int>* const before = seen.exchange(&result);
      EXPECT_TRUE(before == nullptr || before == &result);
    };
    goro::wait_group wg;
    for (int i = 0; i < 10; ++i) wg.go(check);
    std::thread thread(check);
    wg.wait();
    goro::blocking([&] { thread.join(); });
    EXPECT_EQ(calls, 1);
  });
}

struct refusal : std::runtime_error {
  using runtime_error::runtime_error;
};

/// Calls f five times, in as many goroutines, and expects the same exception object of each.
template <class F>
void expect_same_refusal(const F& f) {
  std::vector<const refusal*> caught;
  for (int i = 0; i < 5; ++i) {
    goro::wait_group wg;
    wg.go([&] {
      try {
        static_cast<void>(f());
        ADD_FAILURE() << "no exception";
      } catch (const refusal& e) {
        EXPECT_STREQ(e.what(), "refused");
        caught.push_back(&e);
      }
    });
    wg.wait();
  }
  ASSERT_EQ(caught.size(), 5u);
  for (const refusal* e : caught) EXPECT_EQ(e, caught.front());
}

// SY-09
TEST_P(SyncOnce, SY09_EveryCallOfAFunctionThatThrewThrowsTheSameAgain) {
  run([] {
    int calls = 0;
    expect_same_refusal(goro::once_value([&] {
      ++calls;
      throw refusal("refused");
    }));
    EXPECT_EQ(calls, 1);
  });
}

// SY-24
TEST_P(SyncOnce, SY24_EveryCallForAResultThatThrewThrowsTheSameAgain) {
  run([] {
    int calls = 0;
    const auto refuse = [&] {
      ++calls;
      if (calls == 1) throw refusal("refused");
    };
    expect_same_refusal(goro::once_value([&] {
      refuse();
      return 1;
    }));
    EXPECT_EQ(calls, 1);
    calls = 0;
    expect_same_refusal(goro::once_value([&] {
      refuse();
      return std::pair(1, 2);
    }));
    EXPECT_EQ(calls, 1);
    calls = 0;
    const auto panics = goro::once_value([&]() -> int {
      ++calls;
      throw goro::panic("panicked");
    });
    for (int i = 0; i < 3; ++i) EXPECT_EQ(panic_of(panics), "panicked");
    EXPECT_EQ(calls, 1);
  });
}

// Y16
TEST_P(SyncOnce, Y16_FunctionThatCalledGoexitIsCalledOnceAndLaterCallsPanic) {
  run([] {
    int calls = 0;
    const auto value = goro::once_value([&]() -> int {
      ++calls;
      goro::goexit();
    });
    goro::wait_group wg;
    wg.go([&] {
      static_cast<void>(value());
      ADD_FAILURE() << "went on after goexit";
    });
    wg.wait();
    for (int i = 0; i < 2; ++i) EXPECT_NE(panic_of(value), "no panic");
    EXPECT_EQ(calls, 1);
  });
}

// Y16
TEST_P(SyncOnce, Y16_FunctionIsReleasedAfterItsOneCall) {
  run([] {
    const auto held = std::make_shared<int>(5);
    const auto returns = goro::once_value([held] { return *held; });
    const auto throws = goro::once_value([held]() -> int { throw refusal("refused"); });
    EXPECT_EQ(held.use_count(), 3);
    EXPECT_EQ(returns(), 5);
    EXPECT_EQ(held.use_count(), 2);
    EXPECT_THROW(throws(), refusal);
    EXPECT_EQ(held.use_count(), 1);
  });
}

// SY-23
TEST_P(SyncOnce, SY23_ExampleTenGoroutinesAndOneGreeting) {
  run([] {
    goro::once once;
    std::string printed;
    const auto done = goro::make_chan<bool>();
    for (int i = 0; i < 10; ++i) {
      goro::go([&, done] {
        once.call([&] { printed += "Only once\n"; });
        done << true;
      });
    }
    for (int i = 0; i < 10; ++i) EXPECT_EQ(done.recv(), true);
    EXPECT_EQ(printed, "Only once\n");
  });
}

}  // namespace
