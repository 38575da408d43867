// SPDX-License-Identifier: BSL-1.0
#include <string>
#include <vector>

#include <goro/chan.hpp>

#include "goro_test.hpp"

namespace {

using ChanRange = on_procs;
GORO_ON_PROCS(ChanRange);

void send_letters(const goro::send_chan<char>& ch) {
  for (char c = 'a'; c <= 'z'; ++c) ch.send(c);
  ch.close();
}

// CH-15
TEST_P(ChanRange, CH15_CollectsEverythingUntilTheClose) {
  run([] {
    for (std::ptrdiff_t capacity : {0, 1, 100}) {
      const auto ch = goro::make_chan<char>(capacity);
      goro::go(send_letters, ch);
      std::string all;
      for (auto c : ch) all += c;
      EXPECT_EQ(all, "abcdefghijklmnopqrstuvwxyz");
    }
  });
}

// CH-15
TEST_P(ChanRange, CH15_WithoutAVariableItRunsOnceForEachValue) {
  run([] {
    const auto ch = goro::make_chan<char>();
    goro::go(send_letters, ch);
    int n = 0;
    for ([[maybe_unused]] auto&& ignored : ch) ++n;
    EXPECT_EQ(n, 26);

    const auto ticks = goro::make_chan<void>(3);
    for (int i = 0; i < 3; ++i) ticks.send();
    ticks.close();
    for ([[maybe_unused]] auto ignored : ticks) ++n;
    EXPECT_EQ(n, 29);
  });
}

// CH-15
TEST_P(ChanRange, CH15_TheRangeExpressionIsEvaluatedOnce) {
  run([] {
    int evaluated = 0;
    const auto make = [&] {
      ++evaluated;
      const auto ch = goro::make_chan<char>();
      goro::go(send_letters, ch);
      return ch;
    };
    int n = 0;
    for ([[maybe_unused]] char c : make()) ++n;
    EXPECT_EQ(n, 26);
    EXPECT_EQ(evaluated, 1);
  });
}

// CH-15
TEST_P(ChanRange, CH15_LeavingTheLoopKeepsTheRestInTheChannel) {
  run([] {
    const auto ch = goro::make_chan<int>(5);
    for (int i = 0; i < 5; ++i) ch.send(i);
    ch.close();
    for (int v : ch) {
      if (v == 2) break;
    }
    EXPECT_EQ(ch.len(), 2u);
    EXPECT_EQ(ch.recv(), 3);
  });
}

}  // namespace
