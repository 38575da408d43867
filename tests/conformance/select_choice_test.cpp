// SPDX-License-Identifier: BSL-1.0
// Which case a select chooses.
#include <array>
#include <cmath>
#include <cstddef>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using SelectChoice = on_procs;
GORO_ON_PROCS(SelectChoice);

// SL-05
TEST_P(SelectChoice, SL05_OtherwiseIsChosenOnlyIfNothingIsReady) {
  run([] {
    const goro::chan<int> nil;
    const auto unbuffered = goro::make_chan<int>();
    const auto empty = goro::make_chan<int>(1);
    const auto full = goro::make_chan<int>(1);
    full.send(1);

    EXPECT_EQ(goro::select(goro::otherwise), 0u);
    EXPECT_EQ(goro::select(goro::recv(nil), goro::otherwise), 1u);
    EXPECT_EQ(goro::select(goro::send(nil, 1), goro::otherwise), 1u);
    EXPECT_EQ(goro::select(goro::recv(nil), goro::otherwise, goro::send(nil, 1)), 1u);
    EXPECT_EQ(goro::select(goro::recv(unbuffered), goro::otherwise), 1u);
    EXPECT_EQ(goro::select(goro::send(unbuffered, 1), goro::otherwise), 1u);
    EXPECT_EQ(goro::select(goro::otherwise, goro::recv(empty), goro::send(full, 1)), 0u);

    EXPECT_EQ(goro::select(goro::otherwise, goro::recv(full)), 1u);
    EXPECT_EQ(goro::select(goro::otherwise, goro::send(full, 2)), 1u);
    EXPECT_EQ(goro::select(goro::recv(nil), goro::recv(full), goro::otherwise), 1u);
    EXPECT_EQ(goro::select(goro::recv(nil), goro::recv(unbuffered), goro::send(empty, 1), goro::otherwise), 2u);
  });
}

// SL-06
TEST_P(SelectChoice, SL06_SelectNeverPairsWithItself) {
  run([] {
    const auto ch = goro::make_chan<int>();
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(goro::select(goro::send(ch, 1), goro::recv(ch), goro::otherwise), 2u);
    }
    const auto quit = goro::make_chan<void>();
    const auto chosen = goro::make_chan<std::size_t>();
    goro::go([=] { chosen.send(goro::select(goro::send(ch, 1), goro::recv(ch), goro::recv(quit))); });
    ASSERT_TRUE(eventually_waiting(1, "select"));
    quit.close();
    EXPECT_EQ(chosen.recv(), 2u);
  });
}

void trade_numbers(std::ptrdiff_t capacity) {
  constexpr int rounds = 1000;
  const auto ch = goro::make_chan<int>(capacity);
  const auto done = goro::make_chan<void>();
  for (int number = 0; number < 2; ++number) {
    goro::go([=] {
      for (int i = 0; i < rounds; ++i) {
        int x = -1;
        const bool got = i % 2 == 0 ? goro::select(goro::send(ch, number), goro::recv(ch, x)) == 1
                                    : goro::select(goro::recv(ch, x), goro::send(ch, number)) == 0;
        EXPECT_FALSE(got && capacity == 0 && x == number);
      }
      done.send();
    });
  }
  done.recv();
  done.recv();
}

// SL-10
TEST_P(SelectChoice, SL10_TwoSelectsOnOneChannelPairWithEachOtherAndNotWithThemselves) {
  run([] {
    trade_numbers(0);
    trade_numbers(10);
  });
}

/// Go's bound for `trials` fair coin throws: a fair select exceeds it once in a million runs.
void expect_even(int hits, int trials) {
  const double share = static_cast<double>(hits) / trials;
  EXPECT_LT(std::abs(share - 0.5), 4.891676 / (2 * std::sqrt(trials))) << hits << " of " << trials;
}

// SL-11
TEST_P(SelectChoice, SL11_TwoReadyCasesAreChosenEquallyOften) {
  run([] {
    constexpr int trials = 10'000;
    const auto a = goro::make_chan<int>(trials + 1);
    const auto b = goro::make_chan<int>(trials + 1);
    for (int i = 0; i <= trials; ++i) {
      a.send(0);
      b.send(1);
    }
    const auto never_received = goro::make_chan<int>();
    const auto never_sent = goro::make_chan<int>();
    std::array<int, 4> times{};
    for (int i = 0; i < trials; ++i) {
      ++times[goro::select(goro::recv(never_received), goro::send(never_sent, 1), goro::recv(a), goro::recv(b))];
    }
    EXPECT_EQ(times[0], 0);
    EXPECT_EQ(times[1], 0);
    expect_even(times[2], trials);
  });
}

// SL-11
TEST_P(SelectChoice, SL11_ChoiceAmongSeveralReadyCasesIsEvenInEveryPosition) {
  run([] {
    constexpr int trials = 12'000;
    const auto ready = goro::make_chan<void>();
    ready.close();
    std::array<int, 3> times{};
    for (int i = 0; i < trials; ++i) ++times[goro::select(goro::recv(ready), goro::recv(ready), goro::recv(ready))];
    const double deviation = std::sqrt(trials * (1.0 / 3) * (2.0 / 3));
    for (int n : times) EXPECT_NEAR(n, trials / 3, 5.5 * deviation);
  });
}

void sends_of_both_values_are_frequent(std::ptrdiff_t capacity) {
  constexpr int n = 100;
  const auto ch = goro::make_chan<int>(capacity);
  const auto zeros = goro::make_chan<int>();
  goro::go([=] {
    int count = 0;
    for (int i = 0; i < n; ++i) {
      if (ch.recv() == 0) ++count;
    }
    zeros.send(count);
  });
  for (int i = 0; i < n; ++i) goro::select(goro::send(ch, 1), goro::send(ch, 0));
  const int count = zeros.recv().value();
  EXPECT_GT(count, n / 10);
  EXPECT_LT(count, n - n / 10);
}

// SL-12
TEST_P(SelectChoice, SL12_TwoSendsOnOneChannelAreBothFrequent) {
  run([] {
    sends_of_both_values_are_frequent(0);
    sends_of_both_values_are_frequent(100);
  });
}

// SL-19
TEST_P(SelectChoice, SL19_SendOnAClosedChannelIsChosenAsOftenAsAReadyReceive) {
  run([] {
    constexpr int trials = 2000;
    const auto ready = goro::make_chan<int>(1);
    const auto closed = goro::make_chan<int>();
    closed.close();
    int received = 0;
    int panicked = 0;
    ready.send(1);
    for (int i = 0; i < trials; ++i) {
      const std::string text = panic_of([&] {
        const std::size_t chosen = i % 2 == 0 ? goro::select(goro::recv(ready), goro::send(closed, 1))
                                              : goro::select(goro::recv(ready), goro::send(closed, 1), goro::otherwise);
        ASSERT_EQ(chosen, 0u);
        ready.send(1);
        ++received;
      });
      if (text == "send on closed channel") ++panicked;
    }
    EXPECT_EQ(received + panicked, trials);
    EXPECT_GT(received, trials / 10);
    EXPECT_GT(panicked, trials / 10);
  });
}

// C20, S9: a channel that is ready at every instant never yields otherwise.
TEST_P(SelectChoice, OtherwiseIsNotChosenWhileOneOfTwoChannelsIsReadyAtEveryInstant) {
  run([] {
    const int rounds = scale(100'000, 5'000);
    const auto done = goro::make_chan<bool>(1);
    for (int i = 0; i < rounds; ++i) {
      const auto a = goro::make_chan<int>(1);
      const auto b = goro::make_chan<int>(1);
      a.send(1);
      goro::go([=] { done.send(goro::select(goro::recv(a), goro::recv(b), goro::otherwise) != 2); });
      b.send(1);
      static_cast<void>(goro::select(goro::recv(a), goro::otherwise));
      ASSERT_EQ(done.recv(), true);
    }
  });
}

}  // namespace
