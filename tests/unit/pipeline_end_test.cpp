// SPDX-License-Identifier: BSL-1.0
// goro::pipeline: however it ends, nobody hangs, nobody is left over, and the one who waits is told why.
#include <goro/pipeline.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <ranges>
#include <stdexcept>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

namespace gp = goro::pipeline;
using namespace std::chrono_literals;
using ints = std::vector<int>;

struct PipelineEnd : on_procs {};
GORO_ON_PROCS(PipelineEnd);

struct broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// 0, 1, 2, ... for ever.
gp::source<int> naturals() {
  return gp::generate([i = 0]() mutable -> std::optional<int> { return i++; });
}
constexpr auto same = [](int x) { return x; };
constexpr auto always = [](int) { return true; };
constexpr auto ignore = [](int) {};

/// What f threw.
template <class F>
std::string error_of(F f) {
  try {
    static_cast<void>(f());
  } catch (const std::system_error& e) {
    return e.code().message();
  } catch (const broken& e) {
    return e.what();
  }
  return "nothing";
}

/// The same pipeline with one stage of each kind, and the one that counts somewhere in between.
template <class Stage>
gp::source<int> with(gp::source<int> from, Stage stage) {
  return std::move(from) | gp::map(same) | gp::fan_out(2, same) | std::move(stage) | gp::filter(always) |
         gp::fan_out(gp::ordered, 2, same) | gp::tee(gp::for_each(ignore)) | gp::batch(3) |
         gp::map([](const ints& batch) { return batch.front(); });
}

/// Calls try_it(stage) with stages of each kind that call f for each element.
template <class F, class Try>
void in_each_stage(F f, Try try_it) {
  const auto then_same = [f](int x) {
    f();
    return x;
  };
  const auto then_true = [f](int) {
    f();
    return true;
  };
  const auto just = [f](int) { f(); };
  try_it(gp::map(then_same));
  try_it(gp::filter(then_true));
  try_it(gp::fan_out(3, then_same));
  try_it(gp::fan_out(gp::ordered, 3, then_same));
  try_it(gp::take_while(then_true));
  try_it(gp::tee(just));
  try_it(gp::tee(gp::for_each(just)));
  try_it(gp::tee(gp::map(then_same) | gp::count()));
}

/// f, but only every nth time.
auto every_nth(int n, std::function<void()> f) {
  return [n, f, calls = std::make_shared<std::atomic<int>>(0)] {
    if (++*calls % n == 0) f();
  };
}

TEST_P(PipelineEnd, AnExceptionOfAnyStageComesOutOfTheSink) {
  run([] {
    for (const int when : {1, 100}) {
      in_each_stage(every_nth(when, [] { throw broken("in a stage"); }), [&](auto stage) {
        EXPECT_EQ(error_of([&] { return with(naturals(), stage) | gp::count(); }), "in a stage");
      });
    }
  });
}

TEST_P(PipelineEnd, AnExceptionOfTheSourceComesOutOfTheSink) {
  run([] {
    const auto fails = [] {
      return gp::generate([i = 0]() mutable -> std::optional<int> {
        if (i == 70) throw broken("in the source");
        return i++;
      });
    };
    EXPECT_EQ(error_of([&] { return with(fails(), gp::map(same)) | gp::count(); }), "in the source");
    EXPECT_EQ(error_of([&] { return gp::merge(naturals(), fails()) | gp::count(); }), "in the source");
    EXPECT_EQ(error_of([&] {
                return gp::from(std::views::iota(0) |
                                std::views::transform([](int x) { return x < 9 ? x : throw broken("in a view"); })) |
                       gp::count();
              }),
              "in a view");
  });
}

TEST_P(PipelineEnd, AnExceptionOfTheSinkComesOutOfIt) {
  run([] {
    EXPECT_EQ(error_of([] {
                with(naturals(), gp::map(same)) | gp::for_each([](int) { throw broken("in the sink"); });
                return 0;
              }),
              "in the sink");
    EXPECT_EQ(error_of([] {
                return naturals() |
                       gp::fold(0, [](int sum, int x) { return x < 100 ? sum + x : throw broken("in fold"); });
              }),
              "in fold");
    EXPECT_EQ(error_of([] {
                std::ignore = naturals() | gp::broadcast(gp::count(), gp::for_each([](int x) {
                                                           if (x == 100) throw broken("in a branch");
                                                         }));
                return 0;
              }),
              "in a branch");
  });
}

TEST_P(PipelineEnd, AnExceptionComesOutOfARangeFor) {
  run([] {
    int seen = 0;
    EXPECT_EQ(error_of([&] {
                for ([[maybe_unused]] int x :
                     gp::from({1, 2, 3}) | gp::map([](int x) { return x == 3 ? throw broken("at three") : x; }))
                  ++seen;
                return 0;
              }),
              "at three");
    EXPECT_LE(seen, 2);
  });
}

TEST_P(PipelineEnd, TheFirstExceptionInTimeIsTheOne) {
  run([] {
    EXPECT_EQ(error_of([] {
                naturals() | gp::map([](const goro::context& ctx, int x) {
                  if (x == 0) return x;
                  // Later: when the other one has stopped the pipeline.
                  ctx.done().recv();
                  throw broken("second");
                }) | gp::for_each([](int) { throw broken("first"); });
                return 0;
              }),
              "first");
  });
}

TEST_P(PipelineEnd, WhatIsThrownWhenNobodyWantsItIsDropped) {
  run([] {
    const auto spoilt = [](const goro::context& ctx, int x) {
      if (x < 3) return x;
      ctx.done().recv();
      throw broken("too late");
    };
    EXPECT_EQ(naturals() | gp::map(spoilt) | gp::take(3) | gp::count(), 3u);
    for (int x : naturals() | gp::map(spoilt))
      if (x == 2) break;
  });
}

TEST_P(PipelineEnd, ABreakStopsAllOfIt) {
  run([] {
    for (const int when : {0, 1, 100}) {
      for (int seen = 0; [[maybe_unused]] int x : with(naturals(), gp::tee(ignore)))
        if (seen++ == when) break;
    }
    auto never = goro::make_chan<int>(1);
    never << 1;
    for ([[maybe_unused]] int x : gp::from(never) | gp::map(same)) break;
  });
}

TEST_P(PipelineEnd, AnExceptionOfTheBodyStopsAllOfIt) {
  run([] {
    EXPECT_EQ(error_of([] {
                for (int x : with(naturals(), gp::map(same)))
                  if (x > 50) throw broken("in the body");
                return 0;
              }),
              "in the body");
    EXPECT_EQ(panic_of([] {
                for (int x : with(naturals(), gp::map(same)))
                  if (x > 50) throw goro::panic("a bug in the body");
                return 0;
              }),
              "a bug in the body");
    EXPECT_EQ(panic_of([] {
                naturals() | gp::for_each([](int) { throw goro::panic("a bug in the sink"); });
                return 0;
              }),
              "a bug in the sink");
  });
}

TEST_P(PipelineEnd, AContextThatIsDoneRunsNothing) {
  run([] {
    auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
    cancel();
    std::atomic<int> calls{0};
    const auto never = [&]() -> std::optional<int> { return ++calls; };
    EXPECT_EQ(error_of([&] { return gp::generate(never) | gp::count(ctx); }), "context canceled");
    EXPECT_EQ(error_of([&] { return gp::generate(never) | gp::collect(ctx); }), "context canceled");
    EXPECT_EQ(error_of([&] { return gp::generate(never) | gp::fold(ctx, 0, std::plus<>()); }), "context canceled");
    EXPECT_EQ(error_of([&] { return gp::generate(never) | gp::broadcast(ctx, gp::count()); }), "context canceled");
    EXPECT_EQ(error_of([&] {
                gp::generate(never) | gp::for_each(ctx, ignore);
                return 0;
              }),
              "context canceled");
    EXPECT_EQ(error_of([&] {
                for ([[maybe_unused]] int x : gp::generate(never) | gp::pull(ctx)) ADD_FAILURE();
                return 0;
              }),
              "context canceled");
    EXPECT_EQ(calls, 0);
  });
}

TEST_P(PipelineEnd, AContextStopsItMeanwhile) {
  run([] {
    auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
    std::atomic<int> seen{0};
    EXPECT_EQ(error_of([&, &stop = cancel, &until = ctx] {
                with(naturals(), gp::map(same)) | gp::for_each(until, [&](int) {
                  if (++seen == 100) stop();
                });
                return 0;
              }),
              "context canceled");
    EXPECT_EQ(seen, 100) << "what was under way is dropped";
  });
}

TEST_P(PipelineEnd, AContextThatEndsLaterDoesNotSpoilTheResult) {
  run([] {
    auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
    EXPECT_EQ(gp::from({1, 2, 3}) | gp::fold(ctx, 0,
                                             [&stop = cancel](int sum, int x) {
                                               if (x == 3) stop();
                                               return sum + x;
                                             }),
              6);
  });
}

TEST_P(PipelineEnd, ADeadlineStopsItWhereverItWaits) {
  run([] {
    const auto with_deadline = [](auto f) {
      auto [ctx, cancel] = goro::context::with_timeout(goro::context::background(), 5ms);
      return error_of([&, &until = ctx] { return f(until); });
    };
    const std::string late = "context deadline exceeded";
    EXPECT_EQ(with_deadline([](const auto& ctx) { return with(naturals(), gp::map(same)) | gp::count(ctx); }), late);
    EXPECT_EQ(with_deadline([](const auto& ctx) {
                auto nobody_sends = goro::make_chan<int>();
                return with(gp::from(nobody_sends), gp::map(same)) | gp::count(ctx);
              }),
              late);
    EXPECT_EQ(with_deadline([](const auto& ctx) {
                return gp::from(goro::chan<int>()) | gp::broadcast(ctx, gp::count(), gp::map(same) | gp::count()), 0;
              }),
              late);
    EXPECT_EQ(with_deadline([](const auto& ctx) {
                return naturals() |
                       gp::fan_out(gp::ordered, 2,
                                   [](const goro::context& c, int x) {
                                     c.done().recv();
                                     return x;
                                   }) |
                       gp::count(ctx);
              }),
              late);
    EXPECT_EQ(with_deadline([](const auto& ctx) {
                for ([[maybe_unused]] int x : gp::from(goro::make_chan<int>()) | gp::pull(ctx)) ADD_FAILURE();
                return 0;
              }),
              late);
  });
}

TEST_P(PipelineEnd, AWaitingSourceIsStoppedByATakeOrABranch) {
  run([] {
    auto two = goro::make_chan<int>(2);
    two << 1 << 2;
    EXPECT_EQ(with(gp::from(two) | gp::take(2), gp::map(same)) | gp::count(), 1u);
    two << 1 << 2;
    EXPECT_EQ(gp::merge(gp::from(two), gp::from(goro::make_chan<int>())) | gp::take(2) | gp::count(), 2u);
  });
}

TEST_P(PipelineEnd, GoexitInAStageIsNoResult) {
  run([] {
    const std::string text = "goro::pipeline: a stage called goexit: there is no result";
    for (const int when : {1, 100}) {
      in_each_stage(every_nth(when, [] { goro::goexit(); }), [&](auto stage) {
        EXPECT_EQ(panic_of([&] { return with(naturals(), stage) | gp::count(); }), text);
      });
    }
    EXPECT_EQ(panic_of([] { return gp::generate([]() -> std::optional<int> { goro::goexit(); }) | gp::count(); }),
              text);
    EXPECT_EQ(
        panic_of([] { return naturals() | gp::broadcast(gp::count(), gp::for_each([](int) { goro::goexit(); })), 0; }),
        text);
  });
}

TEST_P(PipelineEnd, GoexitOfTheOneWhoPullsStopsAllOfIt) {
  run([] {
    auto ended = goro::make_chan<void>();
    const auto in_goroutine = [&](auto f) {
      goro::go([f, ended] {
        const goro::defer tell{[ended] { ended.send(); }};
        f();
      });
      ended.recv();
    };
    in_goroutine([] { naturals() | gp::map(same) | gp::for_each([](int) { goro::goexit(); }); });
    in_goroutine([] {
      for ([[maybe_unused]] int x : naturals() | gp::fan_out(2, same)) goro::goexit();
    });
  });
}

TEST_P(PipelineEnd, AnElementsCopyThatThrowsIsAnExceptionLikeAnother) {
  run([] {
    struct brittle {
      explicit brittle(int x) : n(x) {}
      brittle(const brittle& other) : n(other.n) {
        if (n == 10) throw broken("in a copy");
      }
      brittle(brittle&&) noexcept = default;
      int n;
    };
    const auto some = [] { return naturals() | gp::map([](int x) { return brittle(x); }); };
    EXPECT_EQ(error_of([&] { return some() | gp::broadcast(gp::count(), gp::count()), 0; }), "in a copy");
    EXPECT_EQ(error_of([&] { return some() | gp::tee(gp::count()) | gp::count(); }), "in a copy");
  });
}

}  // namespace
