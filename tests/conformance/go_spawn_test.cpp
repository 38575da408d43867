// SPDX-License-Identifier: BSL-1.0
// What a go statement calls, when its arguments are evaluated, and when what it captured is released.
#include <goro/goro.hpp>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

struct GoSpawn : on_procs {};
struct GoArgs : on_procs {};
struct GoCaptures : on_procs {};
GORO_ON_PROCS(GoSpawn);
GORO_ON_PROCS(GoArgs);
GORO_ON_PROCS(GoCaptures);

void add(std::atomic<int>& into, int value) { into += value; }

struct adder {
  std::atomic<int>* sum;
  void add(int n) const { *sum += n; }
  void operator()(int n) const { *sum += n; }
};

TEST_P(GoSpawn, GO01_AnyCallableCanBeStartedAndTheCountOfGoroutinesReturnsToWhatItWas) {
  run([] {
    const std::size_t at_start = goro::num_goroutine();
    std::atomic<int> plain{0};
    std::atomic<int> sum{0};
    adder object{&sum};

    goro::go(add, std::ref(plain), 7);
    goro::go(&add, std::ref(plain), 7);
    goro::go(object, 1);
    goro::go(&adder::add, object, 10);
    goro::go(&adder::add, &object, 100);
    goro::go(std::function<void(int)>(object), 1000);
    goro::go(std::bind(object, 10000));
    goro::go([&](auto&&... numbers) { sum += (numbers + ...); }, 100000, 200000);
    goro::go({.name = "named"}, object, 1000000);

    EXPECT_TRUE(eventually([&] { return goro::num_goroutine() == at_start; }));
    EXPECT_EQ(goro::num_goroutine(), at_start);
    EXPECT_EQ(plain, 14);
    EXPECT_EQ(sum, 1311111);
  });
}

TEST_P(GoSpawn, GO06_ClosuresOfEndedGoroutinesAreReleased) {
  run([] {
    constexpr int n = 10;
    auto counted = std::make_shared<int>(0);
    goro::wait_group wg;
    for (int round = 0; round < 20; ++round) {
      for (int i = 0; i < n; ++i) wg.go([counted] {});
      wg.wait();
    }
    EXPECT_TRUE(eventually([&] { return counted.use_count() == 1; }));  // a closure goes shortly after its done()
  });
}

TEST_P(GoArgs, GO19_ArgumentsAreEvaluatedBeforeTheCallerGoesOn) {
  run([] {
    auto seen = goro::make_chan<int>();
    int value = 1;
    goro::go([seen](int v) { seen << v; }, value);
    value = 2;
    EXPECT_EQ(seen.recv(), 1);

    std::vector<std::string> order;
    const auto evaluated = [&](const char* what) {
      order.emplace_back(what);
      return what;
    };
    auto done = goro::make_chan<std::string>();
    goro::go([done](const char* what) { done << std::string(what); }, evaluated("argument"));
    order.emplace_back("caller");
    EXPECT_EQ(done.recv(), "argument");
    EXPECT_EQ(order, (std::vector<std::string>{"argument", "caller"}));
  });
}

TEST_P(GoArgs, GO19_TheFunctionValueIsTakenBeforeTheCallerGoesOn) {
  run([] {
    auto answer = goro::make_chan<int>();
    std::function<void()> f = [answer] { answer << 1; };
    goro::go(f);
    f = [answer] { answer << 2; };
    EXPECT_EQ(answer.recv(), 1);
  });
}

TEST_P(GoArgs, GO19_AnArgumentIsMovedIntoTheGoroutineAndOneThatThrowsLeavesNothingBehind) {
  run([] {
    auto answer = goro::make_chan<int>();
    goro::go([answer](std::unique_ptr<int> owned) { answer << *owned; }, std::make_unique<int>(5));
    EXPECT_EQ(answer.recv(), 5);

    struct throws_when_copied {
      throws_when_copied() = default;
      throws_when_copied(const throws_when_copied&) { throw std::runtime_error("copy"); }
    };
    const std::size_t before = goro::num_goroutine();
    const throws_when_copied argument;
    EXPECT_THROW(goro::go([](const throws_when_copied&) {}, argument), std::runtime_error);
    EXPECT_LE(goro::num_goroutine(), before);
  });
}

/// Counts the lives of one captured object through its copies and moves.
struct tracked {
  explicit tracked(std::atomic<int>& destroyed) : destroyed_(&destroyed) {}
  tracked(tracked&& other) noexcept : destroyed_(std::exchange(other.destroyed_, nullptr)) {}
  tracked& operator=(tracked&&) = delete;
  ~tracked() {
    if (destroyed_ != nullptr) ++*destroyed_;
  }

 private:
  std::atomic<int>* destroyed_;
};

void wait_until_one(const std::atomic<int>& count) {
  EXPECT_TRUE(eventually([&] { return count == 1; }));
}

TEST_P(GoCaptures, GO20_AreDestroyedOnceWhenTheGoroutineReturns) {
  run([] {
    std::atomic<int> captured{0}, argument{0};
    goro::go([t = tracked(captured)](tracked) {}, tracked(argument));
    wait_until_one(captured);
    wait_until_one(argument);
    EXPECT_EQ(captured, 1);
    EXPECT_EQ(argument, 1);
  });
}

TEST_P(GoCaptures, GO20_AreDestroyedOnceWhenItThrowsAndCatches) {
  run([] {
    std::atomic<int> captured{0}, inner{0};
    goro::go([&, t = tracked(captured)] {
      try {
        tracked in_flight(inner);
        throw std::runtime_error("handled");
      } catch (const std::runtime_error&) {
        EXPECT_EQ(inner, 1);
      }
    });
    wait_until_one(captured);
    EXPECT_EQ(captured, 1);
    EXPECT_EQ(inner, 1);
  });
}

TEST_P(GoCaptures, GO20_AreDestroyedOnceWhenItEndsByGoexit) {
  run([] {
    std::atomic<int> captured{0}, argument{0}, local{0};
    goro::go(
        [&, t = tracked(captured)](tracked) {
          tracked on_stack(local);
          goro::goexit();
        },
        tracked(argument));
    wait_until_one(captured);
    wait_until_one(argument);
    EXPECT_EQ(captured, 1);
    EXPECT_EQ(argument, 1);
    EXPECT_EQ(local, 1);
  });
}

struct says_when_destroyed {
  explicit says_when_destroyed(const char* text) : text_(text) {}
  says_when_destroyed(says_when_destroyed&& other) noexcept : text_(std::exchange(other.text_, nullptr)) {}
  says_when_destroyed& operator=(says_when_destroyed&&) = delete;
  ~says_when_destroyed() {
    if (text_ != nullptr) std::printf("%s\n", text_);
  }

 private:
  const char* text_;
};

GORO_CHILD(die_with_captures) {
  return goro::run([] {
    goro::go([captured = says_when_destroyed("captured")] {
      const says_when_destroyed local("local");
      throw std::runtime_error("uncaught");
    });
    goro::sleep(std::chrono::hours(1));
  });
}

TEST_P(GoCaptures, GO20_AreDestroyedBeforeAnUncaughtExceptionEndsTheProcess) {
  const auto child = run_child("die_with_captures", {}, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_EQ(child.out, "local\ncaptured\n");
}

}  // namespace
