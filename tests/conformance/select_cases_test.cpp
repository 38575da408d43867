// SPDX-License-Identifier: BSL-1.0
// What the cases of a select evaluate, write and run.
#include <any>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using SelectCases = on_procs;
GORO_ON_PROCS(SelectCases);

// SL-01
TEST_P(SelectCases, SL01_SettingAChannelToNilDisablesItsCaseAndEveryOperandIsEvaluatedEachRound) {
  run([] {
    int evaluated = 0;
    const auto shift = [&](int v) {
      ++evaluated;
      return v;
    };
    auto a = goro::make_chan<int>(1);
    auto b = goro::make_chan<int>(1);
    const auto in_a = a;
    const auto in_b = b;
    int sent_a = 0;
    int sent_b = 0;
    for (int round = 0; round < 5; ++round) {
      switch (goro::select(goro::send(a, shift(round)), goro::send(b, shift(round)), goro::otherwise)) {
        case 0:
          ++sent_a;
          a = {};
          break;
        case 1:
          ++sent_b;
          b = {};
          break;
        default: EXPECT_GE(round, 2);
      }
    }
    EXPECT_EQ(evaluated, 10);
    EXPECT_EQ(sent_a, 1);
    EXPECT_EQ(sent_b, 1);
    EXPECT_EQ(in_a.len(), 1u);
    EXPECT_EQ(in_b.len(), 1u);
  });
}

// SL-07
TEST_P(SelectCases, SL07_ReadyCaseProceedsAndTheDestinationOfTheOtherIsNotEvaluated) {
  run([] {
    const auto ready = goro::make_chan<int>(1);
    const auto never = goro::make_chan<int>();
    ready.send(42);
    int x = 0;
    const auto destination = []() -> int& {
      ADD_FAILURE() << "evaluated the destination of a case that was not chosen";
      static int nowhere;
      return nowhere;
    };
    const std::size_t chosen =
        goro::select(goro::recv(never, [&](std::optional<int> v) { destination() = v.value_or(0); }),
                     goro::recv(ready, [&](std::optional<int> v) { x = v.value_or(0); }));
    EXPECT_EQ(chosen, 1u);
    EXPECT_EQ(x, 42);
  });
}

/// Leaves the body of whichever case runs before its end.
void leave_early(bool early, std::vector<std::string>& log, const std::function<void(std::function<void()>)>& select) {
  select([&] {
    log.emplace_back("body");
    if (early) return;
    log.emplace_back("rest");
  });
  log.emplace_back("after");
}

// SL-09
TEST_P(SelectCases, SL09_LeavingACaseBodyEarlyGoesOnAfterTheSelect) {
  run([] {
    const auto ready = goro::make_chan<int>();
    ready.close();
    const goro::chan<int> nil;
    const std::vector<std::function<void(std::function<void()>)>> selects{
        [](auto body) { goro::select(goro::otherwise(body)); },
        [&](auto body) { goro::select(goro::recv(ready, [&](std::optional<int>) { body(); })); },
        [&](auto body) { goro::select(goro::recv(ready, [&](std::optional<int>) { body(); }), goro::otherwise(body)); },
        [&](auto body) {
          goro::select(goro::recv(nil), goro::recv(ready, [&](std::optional<int>) { body(); }), goro::send(nil, 1));
        },
    };
    for (const auto& select : selects) {
      std::vector<std::string> log;
      leave_early(true, log, select);
      EXPECT_EQ(log, (std::vector<std::string>{"body", "after"}));
      log.clear();
      leave_early(false, log, select);
      EXPECT_EQ(log, (std::vector<std::string>{"body", "rest", "after"}));
    }
  });
}

// SL-09
TEST_P(SelectCases, SL09_ExceptionThatLeavesAHandlerLeavesTheSelect) {
  run([] {
    const auto ch = goro::make_chan<std::string>(2);
    ch.send("a");
    ch.send("b");
    const std::string text = panic_of([&] {
      goro::select(goro::recv(ch, [](std::optional<std::string> v) { throw goro::panic("after " + *v); }),
                   goro::otherwise);
    });
    EXPECT_EQ(text, "after a");
    EXPECT_EQ(ch.recv(), "b");
  });
}

// SL-13
TEST_P(SelectCases, SL13_DestinationThatWasNotChosenIsUntouchedWithTheSameChannelListedTwice) {
  run([] {
    for (int round = 0; round < 50; ++round) {
      const auto ch = goro::make_chan<int>();
      const auto other = goro::make_chan<int>();
      const auto result = goro::make_chan<std::vector<int>>(1);
      goro::go([=] {
        int x = -1;
        int y = -1;
        int z = -1;
        const auto chosen = static_cast<int>(goro::select(goro::recv(ch, x), goro::recv(ch, y), goro::recv(other, z)));
        result.send({chosen, x, y, z});
      });
      if (round % 2 == 0) {
        ASSERT_TRUE(eventually_waiting(1, "select"));
      }
      if (round % 4 < 2) {
        ch.send(42);
      } else {
        other.send(42);
      }
      const std::vector<int> got = result.recv().value();
      std::vector<int> expected{got[0], -1, -1, -1};
      expected[static_cast<std::size_t>(got[0]) + 1] = 42;
      EXPECT_EQ(got, expected);
      EXPECT_EQ(got[0] == 2, round % 4 >= 2);
    }
  });
}

// SL-14
TEST_P(SelectCases, SL14_ReceiveIntoAWiderType) {
  run([] {
    const auto ch = goro::make_chan<int>(1);
    std::any any;
    std::variant<std::string, long, double> variant;
    double number = 0;
    bool ok = false;

    ch.send(42);
    EXPECT_EQ(goro::select(goro::recv(ch, any)), 0u);
    EXPECT_EQ(std::any_cast<int>(any), 42);
    ch.send(43);
    EXPECT_EQ(goro::select(goro::recv(ch, any, ok), goro::otherwise), 0u);
    EXPECT_EQ(std::any_cast<int>(any), 43);
    EXPECT_TRUE(ok);
    ch.send(44);
    EXPECT_EQ(goro::select(goro::recv(goro::chan<int>(), any), goro::recv(ch, number)), 1u);
    EXPECT_EQ(number, 44.0);
    EXPECT_EQ(std::any_cast<int>(any), 43);

    const auto longs = goro::make_chan<long>(1);
    longs.send(45);
    EXPECT_EQ(goro::select(goro::recv(longs, variant, ok)), 0u);
    EXPECT_EQ(std::get<long>(variant), 45);

    const auto pointers = goro::make_chan<std::unique_ptr<int>>(1);
    pointers.send(std::make_unique<int>(46));
    std::shared_ptr<int> shared;
    EXPECT_EQ(goro::select(goro::recv(pointers, shared)), 0u);
    EXPECT_EQ(*shared, 46);

    longs.close();
    EXPECT_EQ(goro::select(goro::recv(longs, any, ok)), 0u);
    EXPECT_FALSE(ok);
    EXPECT_EQ(std::any_cast<long>(any), 0);
  });
}

// SL-15
TEST_P(SelectCases, SL15_OkIsUntouchedByOtherwiseAndFalseAfterTheClose) {
  run([] {
    const auto ch = goro::make_chan<int>();
    int x = 42;
    for (const bool before : {true, false}) {
      bool ok = before;
      EXPECT_EQ(goro::select(goro::recv(ch, x, ok), goro::otherwise), 1u);
      EXPECT_EQ(ok, before);
      EXPECT_EQ(x, 42);
    }
    ch.close();
    bool ok = true;
    EXPECT_EQ(goro::select(goro::recv(ch, x, ok), goro::otherwise), 0u);
    EXPECT_FALSE(ok);
    EXPECT_EQ(x, 0);
  });
}

// SL-16
TEST_P(SelectCases, SL16_EachExecutionOfACaseHasItsOwnVariable) {
  run([] {
    const auto ch = goro::make_chan<int>(3);
    for (int i = 0; i < 3; ++i) ch.send(i);
    std::vector<std::function<int()>> readers;
    for (int i = 0; i < 3; ++i) {
      goro::select(goro::recv(ch, [&](std::optional<int> v) { readers.emplace_back([v] { return v.value(); }); }),
                   goro::otherwise);
    }
    ASSERT_EQ(readers.size(), 3u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(readers[static_cast<std::size_t>(i)](), i);
  });
}

// SL-17
TEST_P(SelectCases, SL17_BodyOfACaseSeesUnrelatedStateIntact) {
  run([] {
    std::vector<std::string> state{"untouched", "and a longer string that has memory of its own"};
    const auto expected = state;
    const auto closed = goro::make_chan<std::string>();
    const auto silent = goro::make_chan<int>();
    closed.close();
    for (int i = 0; i < 100; ++i) {
      std::string text = "before";
      bool ran = false;
      goro::select(goro::recv(silent), goro::recv(closed, [&](std::optional<std::string> v) {
                     ran = true;
                     EXPECT_FALSE(v.has_value());
                     EXPECT_EQ(state, expected);
                     EXPECT_EQ(text, "before");
                   }));
      EXPECT_TRUE(ran);
    }
  });
}

// SL-21
TEST_P(SelectCases, SL21_ValueOfAnEarlierSendCaseIsTakenBeforeALaterCaseChangesTheVariable) {
  run([] {
    const auto ch = goro::make_chan<int>(1);
    int x = 1;
    const auto change = [&] {
      x = 2;
      return goro::chan<int>();
    };
    auto first = goro::send(ch, x);  // C++ leaves the order of a call's arguments open: a statement fixes it
    auto second = goro::recv(change());
    EXPECT_EQ(goro::select(first, second), 0u);
    EXPECT_EQ(ch.recv(), 1);
    EXPECT_EQ(x, 2);
  });
}

// S14: the channel that was evaluated is what counts.
TEST_P(SelectCases, ACaseKeepsTheChannelThatItsVariableHadWhenItWasMade) {
  run([] {
    auto ch = goro::make_chan<int>(1);
    const auto original = ch;
    goro::select_case first = goro::recv(ch);
    ch = goro::make_chan<int>(1);
    original.send(1);
    ch.send(2);
    EXPECT_EQ(goro::select(std::span(&first, 1)), 0u);
    EXPECT_EQ(original.len(), 0u);
    EXPECT_EQ(ch.len(), 1u);
  });
}

}  // namespace
