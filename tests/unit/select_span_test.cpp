// SPDX-License-Identifier: BSL-1.0
// select_case: cases that are stored, moved and used again.
#include <array>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using SelectSpan = on_procs;
GORO_ON_PROCS(SelectSpan);

static_assert(std::is_nothrow_move_constructible_v<goro::select_case>);
static_assert(std::is_nothrow_move_assignable_v<goro::select_case>);
static_assert(!std::is_copy_constructible_v<goro::select_case>);

TEST_P(SelectSpan, CasesAreUsedAgainAndAgain) {
  run([] {
    const auto in = goro::make_chan<int>(1);
    const auto out = goro::make_chan<int>(1);
    std::optional<int> x;
    int sent = 0;
    std::vector<goro::select_case> cases;
    cases.emplace_back(goro::recv(in, x));
    cases.emplace_back(goro::send(out, 7, [&] { ++sent; }));
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(goro::select(cases), 1u);
      EXPECT_EQ(sent, i + 1);
      in.send(i);
      EXPECT_EQ(goro::select(cases), 0u);
      EXPECT_EQ(x, i);
      EXPECT_EQ(out.recv(), 7);
    }
  });
}

TEST_P(SelectSpan, EveryFormOfACaseCanBeStoredAndMoved) {
  run([] {
    const auto ch = goro::make_chan<int>(1);
    const auto signal = goro::make_chan<void>(1);
    int x = 0;
    bool ok = false;
    std::array<goro::select_case, 7> cases{
        goro::recv(ch),
        goro::recv(ch, x),
        goro::recv(ch, x, ok),
        goro::recv(ch, [&](std::optional<int> v) { x = v.value_or(-1); }),
        goro::recv(signal),
        goro::recv(signal, [&] { x = -2; }),
        goro::otherwise([&] { x = -3; }),
    };
    EXPECT_EQ(goro::select(cases), 6u);
    EXPECT_EQ(x, -3);
    std::vector<goro::select_case> moved(std::make_move_iterator(cases.begin()), std::make_move_iterator(cases.end()));
    signal.send();
    const std::size_t of_signal = goro::select(moved);
    EXPECT_TRUE(of_signal == 4 || of_signal == 5);
    EXPECT_EQ(x, of_signal == 4 ? -3 : -2);
    ch.send(9);
    EXPECT_LE(goro::select(moved), 3u);
    EXPECT_EQ(goro::select(moved), 6u);
  });
}

TEST_P(SelectSpan, PlainOtherwiseStandsInASpan) {
  run([] {
    std::vector<goro::select_case> cases;
    cases.emplace_back(goro::recv(goro::make_chan<int>()));
    cases.emplace_back(goro::otherwise);
    cases.emplace_back(goro::recv(goro::chan<int>()));
    EXPECT_EQ(goro::select(cases), 1u);
  });
}

TEST_P(SelectSpan, OwnsItsChannel) {
  run([] {
    const auto before = goro::debug::stats().channels;
    {
      std::vector<goro::select_case> cases;
      cases.emplace_back(goro::send(goro::make_chan<int>(1), 1));
      EXPECT_EQ(goro::debug::stats().channels, before + 1);
      EXPECT_EQ(goro::select(cases), 0u);
    }
    EXPECT_EQ(goro::debug::stats().channels, before);
  });
}

TEST_P(SelectSpan, CopyableValueIsSentAnewEachTime) {
  tracked::reset();
  run([] {
    const auto ch = goro::make_chan<tracked>(3);
    std::vector<goro::select_case> cases;
    cases.emplace_back(goro::send(ch, tracked(5)));
    cases.emplace_back(goro::otherwise);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(goro::select(cases), 0u);
    EXPECT_EQ(goro::select(cases), 1u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(ch.recv()->value, 5);
  });
  EXPECT_EQ(tracked::alive, 0);
}

TEST_P(SelectSpan, MoveOnlyValueIsOwnedAndSentWhenChosen) {
  run([] {
    const auto ch = goro::make_chan<std::unique_ptr<int>>(1);
    std::vector<goro::select_case> cases;
    cases.emplace_back(goro::send(ch, std::make_unique<int>(5)));
    ch.send(nullptr);
    cases.emplace_back(goro::otherwise);
    EXPECT_EQ(goro::select(cases), 1u);
    EXPECT_EQ(ch.recv(), nullptr);
    EXPECT_EQ(goro::select(cases), 0u);
    EXPECT_EQ(*ch.recv().value(), 5);
  });
}

TEST_P(SelectSpan, CopyThatThrowsLeavesEveryChannelUntouched) {
  tracked::reset();
  run([] {
    const auto ch = goro::make_chan<tracked>(1);
    const auto other = goro::make_chan<int>(1);
    std::vector<goro::select_case> cases;
    cases.emplace_back(goro::recv(other));
    cases.emplace_back(goro::send(ch, tracked(5)));
    other.send(1);
    tracked::copies_throw = true;
    EXPECT_THROW(goro::select(cases), std::runtime_error);
    tracked::copies_throw = false;
    EXPECT_EQ(other.len(), 1u);
    EXPECT_EQ(ch.len(), 0u);
  });
  EXPECT_EQ(tracked::alive, 0);
}

TEST_P(SelectSpan, ChannelMayStandInManyCasesOnBothSides) {
  run([] {
    const auto ch = goro::make_chan<int>();
    const auto result = goro::make_chan<std::pair<std::size_t, std::size_t>>(1);
    const auto trade = [=](int number) {
      std::vector<goro::select_case> cases;
      for (int i = 0; i < 10; ++i) {
        cases.emplace_back(goro::send(ch, number));
        cases.emplace_back(goro::recv(ch, [=](std::optional<int> v) { EXPECT_NE(v, number); }));
      }
      return goro::select(cases);
    };
    for (int i = 0; i < 50; ++i) {
      const auto other = goro::make_chan<std::size_t>(1);
      goro::go([=] { other.send(trade(1)); });
      const std::size_t mine = trade(2);
      EXPECT_NE(mine % 2, other.recv().value() % 2) << "one side sends, the other receives";
    }
  });
}

TEST_P(SelectSpan, ManyGoroutinesSelectOverTheSameChannelsWithoutLosingAValue) {
  run([] {
    constexpr int channels = 8;
    constexpr int parties = 6;
    const int each = scale(10'000, 500);
    std::vector<goro::chan<int>> all;
    for (int i = 0; i < channels; ++i) all.push_back(goro::make_chan<int>(i % 3));
    const auto sums = goro::make_chan<long>(2 * parties);
    for (int p = 0; p < parties; ++p) {
      goro::go([=] {
        long sum = 0;
        for (int i = 0; i < each; ++i) {
          std::vector<goro::select_case> cases;
          for (int c = 0; c < channels; ++c)
            cases.emplace_back(goro::send(all[static_cast<std::size_t>((c + p) % channels)], i));
          goro::select(cases);
          sum += i;
        }
        sums.send(-sum);
      });
      goro::go([=] {
        long sum = 0;
        std::vector<goro::select_case> cases;
        for (const auto& ch : all) cases.emplace_back(goro::recv(ch, [&](std::optional<int> v) { sum += v.value(); }));
        for (int i = 0; i < each; ++i) goro::select(cases);
        sums.send(sum);
      });
    }
    long total = 0;
    for (int p = 0; p < 2 * parties; ++p) total += sums.recv().value();
    EXPECT_EQ(total, 0);
  });
}

}  // namespace
