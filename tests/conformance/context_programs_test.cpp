// SPDX-License-Identifier: BSL-1.0
// Small programs that use contexts, cancel functions that go out of scope, and trees that many cancel at a time.
#include <goro/goro.hpp>

#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "child.hpp"
#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;
using goro::context_errc;

struct ContextPrograms : on_procs {};
struct ContextCancelFunc : on_procs {};
struct ContextLoad : on_procs {};
GORO_ON_PROCS(ContextPrograms);
GORO_ON_PROCS(ContextCancelFunc);
GORO_ON_PROCS(ContextLoad);

TEST_P(ContextPrograms, CX21_CancelStopsAGeneratorThatNobodyReadsAnyMore) {
  run([] {
    const auto numbers = [](const context& ctx) {
      auto out = goro::make_chan<int>();
      goro::go([ctx, out] {
        for (int n = 1, running = 1; running;) {
          goro::select(goro::recv(ctx.done(), [&] { running = 0; }), goro::send(out, n, [&] { ++n; }));
        }
      });
      return out;
    };
    const auto [ctx, cancel] = context::with_cancel(context::background());
    int expected = 0;
    for (const int n : numbers(ctx)) {
      EXPECT_EQ(n, ++expected);
      if (n == 5) break;
    }
    cancel();
    expect_others_end();
  });
}

TEST_P(ContextPrograms, CX21_ADeadlineEndsAWaitForWhatNeverBecomesReady) {
  run([] {
    const auto never_ready = goro::make_chan<void>();
    const auto [ctx, cancel] = context::with_deadline(context::background(), goro::clock::now() + 5ms);
    EXPECT_EQ(goro::select(goro::recv(never_ready), goro::recv(ctx.done())), 1u);
    EXPECT_EQ(ctx.err().message(), "context deadline exceeded");
  });
}

TEST_P(ContextPrograms, CX21_TimeoutEndsAWaitOnAConditionVariableForAllWhoWait) {
  run([] {
    goro::mutex mu;
    goro::cond changed;
    const auto wait_on = [&](const context& ctx) {
      const auto stop = context::after_func(ctx, [&] {
        const std::lock_guard lock(mu);  // so that the broadcast cannot come between the check and the wait
        changed.broadcast();
      });
      std::unique_lock lock(mu);
      while (!ctx.err()) changed.wait(lock);
      stop();
      return ctx.err();
    };
    goro::wait_group wg;
    for (int i = 0; i < 4; ++i) {
      wg.go([&] {
        const auto [ctx, cancel] = context::with_timeout(context::background(), 2ms);
        EXPECT_EQ(wait_on(ctx), context_errc::deadline_exceeded);
      });
    }
    wg.wait();
    expect_others_end();  // before the condition variable goes
  });
}

/// A connection whose reads can be interrupted.
class connection {
 public:
  std::optional<char> read() const {
    std::optional<char> result;
    const auto interrupted = interruption();
    goro::select(goro::recv(data, [&](std::optional<char> c) { result = c; }), goro::recv(interrupted));
    return result;
  }
  void interrupt() { interruption().close(); }
  void go_on() {
    const std::lock_guard lock(mu_);
    interrupted_ = goro::make_chan<void>();
  }
  const goro::chan<char> data = goro::make_chan<char>(1);

 private:
  goro::chan<void> interruption() const {
    const std::lock_guard lock(mu_);
    return interrupted_;
  }
  mutable goro::mutex mu_;
  goro::chan<void> interrupted_ = goro::make_chan<void>();
};

TEST_P(ContextPrograms, CX21_TimeoutInterruptsAReadAndTheConnectionCanBeReadAgain) {
  run([] {
    connection conn;
    const auto read = [&](const context& ctx) -> std::pair<std::optional<char>, std::error_code> {
      auto interrupted = goro::make_chan<void>();
      const auto stop = context::after_func(ctx, [&, interrupted] {
        conn.interrupt();
        interrupted.close();
      });
      const std::optional<char> result = conn.read();
      if (stop()) return {result, {}};
      interrupted.recv();  // the call was started: wait for it
      conn.go_on();
      return {std::nullopt, ctx.err()};
    };
    const auto [ctx, cancel] = context::with_timeout(context::background(), 2ms);
    EXPECT_EQ(read(ctx), std::pair(std::optional<char>(), make_error_code(context_errc::deadline_exceeded)));
    const auto [longer, cancel_longer] = context::with_timeout(context::background(), 1h);
    conn.data << 'x';
    EXPECT_EQ(read(longer), std::pair(std::optional('x'), std::error_code()));
  });
}

TEST_P(ContextPrograms, CX21_AContextOfTwoEndsWithEitherAndHasItsCause) {
  run([] {
    const auto merge = [](const context& one, const context& other) {
      auto [ctx, cancel] = context::with_cancel_cause(one);
      auto stop = context::after_func(other, [other, cancel = cancel] { cancel(other.cause()); });
      return std::tuple(ctx, cancel, stop);
    };
    for (const int ended : {0, 1}) {
      const auto [first, cancel_first] = context::with_cancel_cause(context::background());
      const auto [second, cancel_second] = context::with_cancel_cause(context::background());
      const auto [merged, cancel, stop] = merge(first, second);
      EXPECT_FALSE(merged.err());
      (ended == 0 ? cancel_first : cancel_second)(std::make_exception_ptr(std::runtime_error("reason")));
      EXPECT_FALSE(merged.done().recv());
      EXPECT_EQ(merged.err(), context_errc::canceled);
      EXPECT_EQ(merged.cause(), (ended == 0 ? first : second).cause());
      EXPECT_EQ(stop(), ended == 0);
    }
  });
}

TEST_P(ContextPrograms, CX21_TheFirstWorkerThatFailsStopsTheOthersAndSaysWhy) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel_cause(context::background());
    goro::wait_group wg;
    for (int i = 0; i < 4; ++i) {
      wg.go([i, &c = ctx, &stop = cancel] {
        if (i == 2) stop(std::make_exception_ptr(std::out_of_range("worker 2")));
        c.done().recv();
      });
    }
    wg.wait();
    EXPECT_THROW(std::rethrow_exception(ctx.cause()), std::out_of_range);
  });
}

TEST_P(ContextCancelFunc, FiresWhenItsLastCopyGoesOutOfScope) {
  run([] {
    auto [ctx, cancel] = context::with_cancel(context::background());
    {
      const auto copy = cancel;
      auto moved = std::move(cancel);
      EXPECT_FALSE(cancel);
      moved = copy;
      moved = {};
      EXPECT_FALSE(ctx.err());
    }
    EXPECT_EQ(ctx.err(), context_errc::canceled);
    const context abandoned = context::with_cancel_cause(context::background()).first;
    EXPECT_EQ(abandoned.err(), context_errc::canceled);
  });
}

TEST_P(ContextCancelFunc, KeptByAGoroutineFiresWhenThatEnds) {
  run([] {
    auto [ctx, cancel] = context::with_cancel(context::background());
    auto end = goro::make_chan<void>();
    goro::go([end, kept = std::move(cancel)] { end.recv(); });
    for (int i = 0; i < 20; ++i) goro::gosched();
    EXPECT_FALSE(ctx.err());
    end.close();
    EXPECT_FALSE(ctx.done().recv());
  });
}

TEST_P(ContextCancelFunc, MayBeCalledOnAPlainThreadAndPanicsIfItIsEmpty) {
  run([] {
    const auto [ctx, cancel] = context::with_cancel(context::background());
    std::thread([stop = cancel] { stop(); }).join();
    EXPECT_EQ(ctx.err(), context_errc::canceled);
    EXPECT_THAT(panic_of([] { return goro::cancel_func()(), 0; }), testing::StartsWith("runtime error: "));
  });
}

/// A root and two generations below it; with every other child timers, values and a call after its end.
struct family {
  struct member {
    context ctx;
    goro::cancel_func cancel;
    std::vector<std::size_t> below;
  };
  std::vector<member> members;

  explicit family(const context& above, goro::wait_group& calls) {
    static const goro::context_key<int> key{"key"};
    const auto add = [&](const context& parent) {
      const std::size_t i = members.size();
      auto [ctx, cancel] =
          i % 2 == 0 ? context::with_cancel(context::with_value(parent, key, 1)) : context::with_timeout(parent, 1h);
      calls.add(1);
      context::after_func(ctx, [&calls] { calls.done(); });
      members.push_back({ctx, cancel, {i}});
      return i;
    };
    const std::size_t root = add(above);
    for (int c = 0; c < 4; ++c) {
      const std::size_t child = add(members[root].ctx);
      for (int g = 0; g < 3; ++g) {
        const std::size_t grandchild = add(members[child].ctx);
        members[child].below.push_back(grandchild);
      }
      auto& all = members[root].below;
      all.insert(all.end(), members[child].below.begin(), members[child].below.end());
    }
  }
};

TEST_P(ContextLoad, WhicheverCancelReturnsAllBelowItAreDone) {
  const auto seed = std::random_device()();
  run([seed] {
    std::mt19937 random(seed);
    for (int round = 0; round < scale(2'000, 100); ++round) {
      goro::wait_group calls;
      {
        const family f(context::background(), calls);
        auto start = goro::make_chan<void>();
        goro::wait_group wg;
        for (int g = 0; g < 8; ++g) {
          wg.go([&, start, at = g < 2 ? 0 : random() % f.members.size()] {
            start.recv();
            f.members[at].cancel();
            for (const std::size_t i : f.members[at].below) {
              EXPECT_EQ(f.members[i].ctx.err(), context_errc::canceled) << at << " " << i;
              EXPECT_EQ(f.members[i].ctx.done().try_recv(), goro::recv_status::closed);
            }
          });
          wg.go([&, start, at = random() % f.members.size()] {
            start.recv();
            const auto [child, cancel] = context::with_timeout(f.members[at].ctx, 1h);
            EXPECT_FALSE(child.done().recv());
            EXPECT_EQ(child.err(), context_errc::canceled);
          });
        }
        start.close();
        wg.wait();
      }
      calls.wait();
    }
  });
  EXPECT_FALSE(HasFailure()) << "seed " << seed;
}

const goro::context_key<tracked> top{"top"};
const goro::context_key<int> every{"every"};

/// One step down a chain.
struct link {
  context ctx;
  goro::cancel_func cancel;
};
link next_link(const std::string& kind, const context& above, int i) {
  if (kind == "values") return {context::with_value(above, every, i), {}};
  auto [ctx, cancel] = kind == "deadlines" ? context::with_timeout(above, 1h - i * 1ms) : context::with_cancel(above);
  return {ctx, cancel};
}

GORO_CHILD(long_chain) {
  const int n = 100'000;
  const std::size_t timers = goro::debug::stats().timers;
  goro::run([&] {
    goro::wait_group wg;
    wg.go([&] {  // on a stack of the usual size
      auto [root, cancel] = context::with_cancel(context::with_value(context::background(), top, tracked(1)));
      context last = root;
      std::vector<goro::cancel_func> cancels;
      for (int i = 0; i < n; ++i) {
        auto [ctx, stop] = next_link(args.at(0), last, i);
        last = ctx;
        cancels.push_back(stop);
      }
      root = {};
      std::printf("found %d\n", last.value(top) != nullptr);
      cancel();
      std::printf("%s\n", last.err().message().c_str());
      std::printf("timers %d\n", static_cast<int>(goro::debug::stats().timers - timers));
      cancels.clear();
      cancel = {};
      std::printf("alive %d\n", tracked::alive.load());
      last = {};
      std::printf("alive %d\n", tracked::alive.load());
    });
    wg.wait();
  });
  return 0;
}

TEST_P(ContextLoad, AChainOfAHundredThousandIsReadCancelledAndFreedOnAnOrdinaryStack) {
  for (const char* kind : {"cancels", "deadlines", "values"}) {
    const auto child = run_child("long_chain", {kind}, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
    EXPECT_EQ(child.exit_status, 0) << kind << "\n" << child.err.substr(0, 500);
    EXPECT_EQ(child.out, "found 1\ncontext canceled\ntimers 0\nalive 1\nalive 0\n") << kind;
  }
}

}  // namespace
