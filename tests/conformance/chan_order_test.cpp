// SPDX-License-Identifier: BSL-1.0
// The order of values, and what a send or a receive waits for.
#include <array>
#include <atomic>
#include <map>
#include <utility>

#include <goro/chan.hpp>

#include "goro_test.hpp"

namespace {

using ChanOrder = on_procs;
GORO_ON_PROCS(ChanOrder);

// CH-01
TEST_P(ChanOrder, CH01_BufferedChannelKeepsTheOrderOfSends) {
  run([] {
    const auto ch = goro::make_chan<int>(10);
    for (int i = 0; i < 10; ++i) ch.send(i);
    for (int i = 0; i < 10; ++i) EXPECT_EQ(ch.recv(), i);
  });
}

// CH-01
TEST_P(ChanOrder, CH01_ReceiversReleasedOneByOneEachGetTheirOwnNumber) {
  run([] {
    const auto ch = goro::make_chan<int>();
    const auto start = goro::make_chan<void>();
    auto in = start;
    for (int i = 0; i < 10; ++i) {
      const auto out = goro::make_chan<void>();
      goro::go([=] {
        EXPECT_TRUE(in.recv());
        EXPECT_EQ(ch.recv(), i);
        out.send();
      });
      in = out;
    }
    start.send();
    for (int i = 0; i < 10; ++i) ch.send(i);
    EXPECT_TRUE(in.recv());
  });
}

// CH-20
TEST_P(ChanOrder, CH20_UnbufferedSendWaitsForItsReceiver) {
  run([] {
    const auto ch = goro::make_chan<int>();
    int stage = 0;  // not atomic: the channel orders the accesses
    const auto done = goro::make_chan<void>();
    goro::go([&] {
      EXPECT_EQ(ch.recv(), 1);
      stage = 1;
      EXPECT_EQ(ch.recv(), 2);
      EXPECT_TRUE(done.recv());
    });
    ch.send(1);
    ch.send(2);
    EXPECT_EQ(stage, 1);
    done.send();
  });
}

// CH-31
TEST_P(ChanOrder, CH31_HundredValuesOfOneProducerArriveInOrder) {
  run([] {
    for (int capacity = 0; capacity < scale(200, 20); ++capacity) {
      const auto ch = goro::make_chan<int>(capacity);
      goro::go([=] {
        for (int i = 0; i < 100; ++i) ch.send(i);
      });
      for (int i = 0; i < 100; ++i) ASSERT_EQ(ch.recv(), i) << "capacity " << capacity;

      goro::go([=] {
        for (int i = 0; i < 100; ++i) ch << i;
      });
      for (int i = 0; i < 100; ++i) {
        int v = -1;
        ASSERT_TRUE(ch >> v);
        ASSERT_EQ(v, i) << "capacity " << capacity;
      }
    }
  });
}

// CH-31
TEST_P(ChanOrder, CH31_FourSendersAndFourReceiversPassEachValueFourTimes) {
  run([] {
    constexpr int parties = 4;
    constexpr int values = 1000;
    for (int capacity : {0, 1, 7, 100}) {
      const auto ch = goro::make_chan<int>(capacity);
      const auto counts = goro::make_chan<std::map<int, int>>();
      for (int p = 0; p < parties; ++p) {
        goro::go([=] {
          for (int i = 0; i < values; ++i) ch.send(i);
        });
        goro::go([=] {
          std::map<int, int> seen;
          for (int i = 0; i < values; ++i) ++seen[ch.recv().value()];
          counts.send(std::move(seen));
        });
      }
      std::map<int, int> total;
      for (int p = 0; p < parties; ++p) {
        const auto seen = counts.recv().value();
        for (const auto& [value, times] : seen) total[value] += times;
      }
      EXPECT_EQ(total.size(), static_cast<std::size_t>(values));
      for (const auto& [value, times] : total) ASSERT_EQ(times, parties) << "value " << value;
    }
  });
}

int use_stack(int depth) {
  std::array<volatile char, 512> frame{};
  frame[static_cast<std::size_t>(depth) % frame.size()] = 1;
  return depth == 0 ? frame[0] : use_stack(depth - 1) + frame[1] * 0;
}

// CH-35
TEST_P(ChanOrder, CH35_SenderThatUsesADeepStackBetweenBlockedSendsKeepsItsOrder) {
  run([] {
    const auto ch = goro::make_chan<int>();
    constexpr int values = 30;
    goro::go([=] {
      for (int i = 0; i < values; ++i) {
        EXPECT_EQ(use_stack(100), 1);
        ch.send(i);
      }
      ch.close();
    });
    for (int i = 0; i < values; ++i) {
      for (int yields = 0; yields < 20; ++yields) goro::gosched();
      EXPECT_EQ(ch.recv(), i);
    }
    EXPECT_EQ(ch.recv(), std::nullopt);
  });
}

// C6: blocked senders and blocked receivers are served first come, first served.
TEST_P(ChanOrder, BlockedSendersAreServedInTheOrderOfTheirArrival) {
  run([] {
    const auto ch = goro::make_chan<int>();
    for (int i = 0; i < 5; ++i) {
      goro::go([=] { ch.send(i); });
      ASSERT_TRUE(eventually_waiting(static_cast<std::size_t>(i + 1), "chan send"));
    }
    for (int i = 0; i < 5; ++i) EXPECT_EQ(ch.recv(), i);
  });
}

TEST_P(ChanOrder, BlockedReceiversAreServedInTheOrderOfTheirArrival) {
  run([] {
    const auto ch = goro::make_chan<int>();
    const auto results = goro::make_chan<std::pair<int, int>>(5);
    for (int i = 0; i < 5; ++i) {
      goro::go([=] { results.send({i, ch.recv().value()}); });
      ASSERT_TRUE(eventually_waiting(static_cast<std::size_t>(i + 1), "chan receive"));
    }
    for (int i = 0; i < 5; ++i) ch.send(i);
    for (int i = 0; i < 5; ++i) {
      const auto [receiver, value] = results.recv().value();
      EXPECT_EQ(receiver, value);
    }
  });
}

}  // namespace
