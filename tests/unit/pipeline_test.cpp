// SPDX-License-Identifier: BSL-1.0
// goro::pipeline: what each source, stage and sink does with its elements.
#include <goro/pipeline.hpp>

#include <algorithm>
#include <atomic>
#include <functional>
#include <iterator>
#include <limits>
#include <list>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <thread>
#include <tuple>
#include <variant>
#include <vector>

#include "goro_test.hpp"

namespace {

namespace gp = goro::pipeline;
using ints = std::vector<int>;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

struct Pipeline : on_procs {};
GORO_ON_PROCS(Pipeline);

ints up_to(int n) {
  ints all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

/// 0, 1, 2, ... for ever.
auto naturals() {
  return gp::generate([i = 0]() mutable -> std::optional<int> { return i++; });
}

constexpr auto is_even = [](int x) { return x % 2 == 0; };
constexpr auto square = [](int x) { return x * x; };

static_assert(!std::is_copy_constructible_v<gp::source<int>>);
static_assert(std::is_nothrow_move_constructible_v<gp::source<int>>);

TEST_P(Pipeline, PassesEachElementThroughItsStagesInOrder) {
  run([] {
    const ints squares = gp::from(up_to(1000)) | gp::filter(is_even) | gp::map(square) | gp::collect();
    ASSERT_EQ(squares.size(), 500u);
    for (std::size_t i = 0; i < squares.size(); ++i) EXPECT_EQ(squares[i], square(2 * static_cast<int>(i)));
  });
}

TEST_P(Pipeline, OfNothingEndsAtOnce) {
  run([] {
    EXPECT_THAT(gp::from(ints{}) | gp::map(square) | gp::collect(), IsEmpty());
    EXPECT_EQ(gp::generate([]() -> std::optional<int> { return std::nullopt; }) | gp::batch(3) | gp::count(), 0u);
    EXPECT_EQ(gp::merge(std::vector<gp::source<int>>{}) | gp::count(), 0u);
    EXPECT_EQ(gp::from(ints{}) | gp::fan_out(gp::ordered, 4, square) | gp::count(), 0u);
    for (int x : gp::from(ints{}) | gp::fan_out(4, square)) ADD_FAILURE() << x;
  });
}

TEST_P(Pipeline, RunsNothingBeforeItIsPulled) {
  run([] {
    std::atomic<int> calls{0};
    {
      auto description = gp::generate([&]() -> std::optional<int> { return ++calls; }) | gp::map(square);
      goro::gosched();
    }
    EXPECT_EQ(calls, 0);
  });
}

TEST_P(Pipeline, RunsItsStagesAtTheSameTime) {
  run([] {
    auto to_first = goro::make_chan<void>();
    auto to_second = goro::make_chan<void>();
    // The first stage waits for the second, which has the element before.
    const ints all = gp::from({1, 2, 3}) | gp::map([&](int x) {
                       if (x > 1) to_first.recv();
                       return x;
                     }) |
                     gp::map([&](int x) {
                       if (x < 3) to_first.send();
                       return x;
                     }) |
                     gp::collect();
    EXPECT_THAT(all, ElementsAre(1, 2, 3));
  });
}

TEST_P(Pipeline, IsPulledByARangeFor) {
  run([] {
    int expected = 0;
    for (int x : gp::from(up_to(200)) | gp::map(square)) {
      EXPECT_EQ(x, square(expected));
      ++expected;
    }
    EXPECT_EQ(expected, 200);
  });
}

TEST_P(Pipeline, IsPulledByPlainThreadsToo) {
  run([] {
    goro::blocking([] {
      std::thread([] {
        EXPECT_EQ(gp::from(up_to(500)) | gp::fan_out(3, square) | gp::count(), 500u);
        int n = 0;
        for ([[maybe_unused]] int x : naturals() | gp::map(square))
          if (++n == 10) break;
        EXPECT_THAT(naturals() | gp::take(2) | gp::collect(), ElementsAre(0, 1));
      }).join();
    });
  });
}

TEST_P(Pipeline, TakesElementsThatCanOnlyBeMoved) {
  run([] {
    std::vector<std::unique_ptr<int>> owned;
    for (int i = 0; i < 5; ++i) owned.push_back(std::make_unique<int>(i));
    auto all = gp::from(std::move(owned)) | gp::filter([](const std::unique_ptr<int>& p) { return *p != 2; }) |
               gp::map([](std::unique_ptr<int> p) { return std::make_unique<int>(*p * 10); }) |
               gp::tee([](const std::unique_ptr<int>& p) { EXPECT_NE(p, nullptr); }) |
               gp::fan_out(gp::ordered, 2, [](std::unique_ptr<int> p) { return p; }) |
               gp::take_while([](const auto& p) { return *p < 40; }) | gp::batch(2) | gp::collect();
    ASSERT_EQ(all.size(), 2u);
    EXPECT_EQ(*all[0][0], 0);
    EXPECT_EQ(*all[0][1], 10);
    ASSERT_EQ(all[1].size(), 1u);
    EXPECT_EQ(*all[1][0], 30);
  });
}

TEST_P(Pipeline, ReadsRangesOfAllKinds) {
  run([] {
    const std::list<std::string> list{"a", "b"};
    EXPECT_THAT(gp::from(list) | gp::collect(), ElementsAre("a", "b"));
    EXPECT_THAT(list, ElementsAre("a", "b")) << "an lvalue keeps its elements";
    std::vector<std::string> words{"c", "d"};
    EXPECT_THAT(gp::from(std::span(words)) | gp::collect(), ElementsAre("c", "d"));
    EXPECT_THAT(words, ElementsAre("c", "d")) << "and so does what a view shows";
    EXPECT_THAT(gp::from(std::views::iota(3, 6)) | gp::collect(), ElementsAre(3, 4, 5));
    EXPECT_THAT(gp::from(std::vector<bool>{true, false}) | gp::collect(), ElementsAre(true, false));
    EXPECT_THAT(gp::from({1.5, 2.5}) | gp::collect(), ElementsAre(1.5, 2.5));
    EXPECT_THAT(gp::from(std::views::iota(0)) | gp::take(2) | gp::collect(), ElementsAre(0, 1));
  });
}

TEST_P(Pipeline, ReadsAChannelUntilItIsClosed) {
  run([] {
    auto ch = goro::make_chan<int>(2);
    goro::go([ch] {
      for (int i = 0; i < 100; ++i) ch.send(i);
      ch.close();
    });
    EXPECT_EQ(gp::from(ch) | gp::map(square) | gp::count(), 100u);
    EXPECT_THAT(gp::from(goro::recv_chan<int>(ch)) | gp::collect(), IsEmpty());
  });
}

TEST_P(Pipeline, MergesSourcesEachInItsOrder) {
  run([] {
    const ints all = gp::merge(gp::from(up_to(100)), gp::from(up_to(100)) | gp::map([](int x) { return 1000 + x; }),
                               gp::from(ints{})) |
                     gp::collect();
    EXPECT_EQ(all.size(), 200u);
    ints low;
    ints high;
    std::ranges::partition_copy(all, std::back_inserter(low), std::back_inserter(high), [](int x) { return x < 1000; });
    EXPECT_EQ(low, up_to(100));
    EXPECT_TRUE(std::ranges::is_sorted(high));

    std::vector<gp::source<int>> many;
    for (int i = 0; i < 10; ++i) many.push_back(gp::from({i}));
    EXPECT_EQ(gp::merge(std::move(many)) | gp::fold(0, std::plus<>()), 45);
  });
}

TEST_P(Pipeline, FansOutToAsManyWorkersAsItWasTold) {
  run([] {
    std::atomic<int> inside{0};
    auto all_inside = goro::make_chan<void>();
    const ints all = gp::from({1, 2, 3, 4}) |
                     gp::fan_out(4,
                                 [&](int x) {
                                   if (++inside == 4) all_inside.close();
                                   all_inside.recv();
                                   return square(x);
                                 }) |
                     gp::collect();
    EXPECT_THAT(all, UnorderedElementsAre(1, 4, 9, 16));
  });
}

TEST_P(Pipeline, FansOutInOrderIfToldSo) {
  run([] {
    auto last_begun = goro::make_chan<void>();
    const ints all = gp::from(up_to(8)) |
                     gp::fan_out(gp::ordered, 4,
                                 [&](int x) {
                                   if (x == 0) last_begun.recv();
                                   if (x == 7) last_begun.close();
                                   return square(x);
                                 }) |
                     gp::collect();
    EXPECT_THAT(all, ElementsAre(0, 1, 4, 9, 16, 25, 36, 49));
    for (const int workers : {1, 2, 7}) {
      const ints more = gp::from(up_to(2000)) |
                        gp::fan_out(gp::ordered, workers,
                                    [](int x) {
                                      if (x % 17 == 0) goro::gosched();
                                      return x;
                                    }) |
                        gp::collect();
      EXPECT_EQ(more, up_to(2000));
    }
  });
}

TEST_P(Pipeline, BatchesWithTheRestAtTheEnd) {
  run([] {
    EXPECT_THAT(gp::from(up_to(5)) | gp::batch(2) | gp::collect(),
                ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(4)));
    EXPECT_THAT(gp::from(up_to(4)) | gp::batch(2) | gp::collect(), ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3)));
    EXPECT_THAT(gp::from(up_to(2)) | gp::batch(std::numeric_limits<std::ptrdiff_t>::max()) | gp::collect(),
                ElementsAre(ElementsAre(0, 1)));
  });
}

TEST_P(Pipeline, TakesTheFirstElementsAndStopsTheSource) {
  run([] {
    EXPECT_THAT(naturals() | gp::map(square) | gp::take(3) | gp::collect(), ElementsAre(0, 1, 4));
    EXPECT_THAT(gp::from({1, 2}) | gp::take(3) | gp::collect(), ElementsAre(1, 2));
    EXPECT_THAT(naturals() | gp::take(5) | gp::take(2) | gp::collect(), ElementsAre(0, 1));
    EXPECT_THAT(naturals() | gp::take_while([](int x) { return x < 3; }) | gp::collect(), ElementsAre(0, 1, 2));
  });
}

TEST_P(Pipeline, TakesNothingWithoutCallingTheSource) {
  run([] {
    std::atomic<int> calls{0};
    auto counted = gp::generate([&]() -> std::optional<int> { return ++calls; });
    EXPECT_THAT(std::move(counted) | gp::map(square) | gp::take(0) | gp::collect(), IsEmpty());
    EXPECT_EQ(calls, 0);
  });
}

TEST_P(Pipeline, TeesEachElementToAFunction) {
  run([] {
    ints seen;
    const ints all = gp::from(up_to(100)) | gp::tee([&](const int& x) { seen.push_back(x); }) | gp::collect();
    EXPECT_EQ(seen, up_to(100));
    EXPECT_EQ(all, up_to(100));
  });
}

TEST_P(Pipeline, TeesEachElementToABranch) {
  run([] {
    std::vector<ints> written;
    const ints all = gp::from(up_to(100)) |
                     gp::tee(gp::batch(30) | gp::for_each([&](ints batch) { written.push_back(std::move(batch)); })) |
                     gp::map(square) | gp::collect();
    EXPECT_EQ(all.size(), 100u);
    ASSERT_EQ(written.size(), 4u);
    EXPECT_EQ(written[3].size(), 10u);
  });
}

TEST_P(Pipeline, GoesOnWithoutATeedBranchThatLeaves) {
  run([] {
    std::atomic<int> seen{0};
    EXPECT_EQ(gp::from(up_to(1000)) | gp::tee(gp::take(3) | gp::for_each([&](int) { ++seen; })) | gp::count(), 1000u);
    EXPECT_EQ(seen, 3);
  });
}

TEST_P(Pipeline, LetsATeedBranchFinishWhenTheRestLeaves) {
  run([] {
    ints seen;
    EXPECT_EQ(naturals() | gp::tee(gp::map(square) | gp::for_each([&](int x) { seen.push_back(x); })) | gp::take(100) |
                  gp::count(),
              100u);
    ASSERT_GE(seen.size(), 100u);
    for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i], square(static_cast<int>(i)));
  });
}

TEST_P(Pipeline, BroadcastsEachElementToAllBranches) {
  run([] {
    int sum = 0;
    const auto [all, evens, nothing] =
        gp::from(up_to(200)) |
        gp::broadcast(gp::collect(), gp::filter(is_even) | gp::count(), gp::for_each([&](int x) { sum += x; }));
    EXPECT_EQ(all, up_to(200));
    EXPECT_EQ(evens, 100u);
    EXPECT_EQ(nothing, std::monostate());
    EXPECT_EQ(sum, 19900);
  });
}

TEST_P(Pipeline, BroadcastsToTheOthersWhenABranchLeaves) {
  run([] {
    const auto [few, all, none] =
        gp::from(up_to(1000)) | gp::broadcast(gp::take(2) | gp::collect(), gp::count(), gp::take(0) | gp::collect());
    EXPECT_THAT(few, ElementsAre(0, 1));
    EXPECT_EQ(all, 1000u);
    EXPECT_THAT(none, IsEmpty());
  });
}

TEST_P(Pipeline, StopsTheSourceWhenAllBranchesHaveLeft) {
  run([] {
    const auto [a, b] =
        naturals() | gp::broadcast(gp::take(5) | gp::count(), gp::map(square) | gp::take(7) | gp::count());
    EXPECT_EQ(a, 5u);
    EXPECT_EQ(b, 7u);
    // Also one that waits for what never comes.
    auto ch = goro::make_chan<int>(2);
    ch << 1 << 2;
    const auto [c, d] = gp::from(ch) | gp::broadcast(gp::take(1) | gp::count(), gp::take(2) | gp::count());
    EXPECT_EQ(c, 1u);
    EXPECT_EQ(d, 2u);
  });
}

TEST_P(Pipeline, BroadcastsWithinABranch) {
  run([] {
    const auto [n, inner] =
        gp::from(up_to(10)) | gp::broadcast(gp::count(), gp::map(square) | gp::broadcast(gp::take(1) | gp::collect(),
                                                                                         gp::fold(0, std::plus<>())));
    EXPECT_EQ(n, 10u);
    EXPECT_THAT(std::get<0>(inner), ElementsAre(0));
    EXPECT_EQ(std::get<1>(inner), 285);
  });
}

TEST_P(Pipeline, FoldsFromTheLeft) {
  run([] {
    const std::string text =
        gp::from({'a', 'b', 'c'}) | gp::fold(std::string("-"), [](std::string all, char c) { return all + c; });
    EXPECT_EQ(text, "-abc");
    auto owned = gp::from({1, 2}) | gp::fold(std::make_unique<int>(3), [](std::unique_ptr<int> sum, int x) {
                   *sum += x;
                   return sum;
                 });
    EXPECT_EQ(*owned, 6);
  });
}

TEST_P(Pipeline, IsMadeOfStagesThatWereJoinedBefore) {
  run([] {
    const auto even_squares = gp::filter(is_even) | gp::map(square);
    const auto their_sum = even_squares | gp::fold(0, std::plus<>());
    EXPECT_THAT(gp::from(up_to(5)) | even_squares | gp::collect(), ElementsAre(0, 4, 16));
    EXPECT_EQ(gp::from(up_to(5)) | their_sum, 20);
    EXPECT_EQ(gp::from(up_to(7)) | their_sum, 56) << "a stage is a description, too";
  });
}

TEST_P(Pipeline, RunsInsideAnother) {
  run([] {
    const ints sums =
        gp::from({10, 20}) |
        gp::fan_out(gp::ordered, 2,
                    [](int n) { return gp::from(up_to(n)) | gp::map(square) | gp::fold(0, std::plus<>()); }) |
        gp::collect();
    EXPECT_THAT(sums, ElementsAre(285, 2470));
  });
}

TEST_P(Pipeline, CallsMembersToo) {
  run([] {
    const std::vector<std::string> words{"one", "three"};
    EXPECT_THAT(gp::from(words) | gp::map(&std::string::size) | gp::collect(), ElementsAre(3u, 5u));
  });
}

TEST_P(Pipeline, GivesItsContextToFunctionsThatTakeOne) {
  run([] {
    static const goro::context_key<int> key("answer");
    const auto ctx = goro::context::with_value(goro::context::background(), key, 42);
    const auto answer = [](const goro::context& c) { return c.value(key) != nullptr ? *c.value(key) : 0; };
    int given = 0;
    const ints all =
        gp::generate([&](const goro::context& c) { return given++ < 3 ? std::optional(answer(c)) : std::nullopt; }) |
        gp::map([&](const goro::context& c, int x) { return x + answer(c); }) |
        gp::fan_out(2, [&](const goro::context& c, int x) { return x + answer(c); }) |
        gp::filter([&](const goro::context& c, int) { return answer(c) == 42; }) |
        gp::take_while([&](const goro::context& c, int) { return answer(c) == 42; }) |
        gp::tee([&](const goro::context& c, int) { EXPECT_EQ(answer(c), 42); }) | gp::collect(ctx);
    EXPECT_THAT(all, ElementsAre(126, 126, 126));
    gp::from({1}) | gp::for_each(ctx, [&](const goro::context& c, int) { EXPECT_EQ(answer(c), 42); });
    EXPECT_EQ(gp::from({1}) | gp::fold(ctx, 0, [&](const goro::context& c, int a, int) { return a + answer(c); }), 42);
  });
}

}  // namespace
