// SPDX-License-Identifier: BSL-1.0
#include <string>
#include <vector>

#include <goro/chan.hpp>

#include "chan_forms.hpp"
#include "goro_test.hpp"

namespace {

using ChanClose = on_procs;
GORO_ON_PROCS(ChanClose);

// CH-09
TEST_P(ChanClose, CH09_EveryFormOfReceivingYieldsNothingAgainAndAgain) {
  run([] {
    for (std::ptrdiff_t capacity : {0, 1, 10}) {
      const auto ch = goro::make_chan<int>(capacity);
      ch.close();
      for (const receive_form& form : receive_forms) {
        for (int i = 0; i < 3; ++i) EXPECT_EQ(form.receive(ch), std::nullopt) << form.name;
      }
    }
  });
}

// CH-09
TEST_P(ChanClose, CH09_EveryFormOfReceivingYieldsTheLastBufferedValueFirst) {
  run([] {
    for (const receive_form& form : receive_forms) {
      const auto ch = goro::make_chan<int>(2);
      ch.send(1);
      ch.close();
      EXPECT_EQ(form.receive(ch), 1) << form.name;
      EXPECT_EQ(form.receive(ch), std::nullopt) << form.name;
      EXPECT_EQ(form.receive(ch), std::nullopt) << form.name;
    }
  });
}

// CH-09
TEST_P(ChanClose, CH09_EveryFormOfSendingPanicsAndLeavesNothingBehind) {
  run([] {
    for (std::ptrdiff_t capacity : {0, 1, 10}) {
      for (const send_form& form : send_forms) {
        const auto ch = goro::make_chan<int>(capacity);
        ch.close();
        for (int i = 0; i < 2; ++i) {
          EXPECT_EQ(panic_of([&] { form.send(ch, 2); }), "send on closed channel") << form.name;
        }
        EXPECT_EQ(ch.len(), 0u);
        EXPECT_EQ(ch.recv(), std::nullopt);
      }
    }
  });
}

// CH-09
TEST_P(ChanClose, CH09_RefusedSendLeavesWhatIsBufferedInPlace) {
  run([] {
    for (const send_form& form : send_forms) {
      const auto ch = goro::make_chan<int>(2);
      ch.send(1);
      ch.close();
      EXPECT_EQ(panic_of([&] { form.send(ch, 2); }), "send on closed channel") << form.name;
      EXPECT_EQ(ch.recv(), 1);
      EXPECT_EQ(ch.recv(), std::nullopt);
    }
  });
}

// CH-10
TEST_P(ChanClose, CH10_CloseOfNilAndCloseOfClosedPanic) {
  run([] {
    const goro::chan<int> nil;
    EXPECT_EQ(panic_of([&] { nil.close(); }), "close of nil channel");
    EXPECT_EQ(panic_of([&] { goro::send_chan<int>(nil).close(); }), "close of nil channel");

    const auto ch = goro::make_chan<int>();
    EXPECT_EQ(panic_of([&] { ch.close(); }), "no panic");
    EXPECT_EQ(panic_of([&] { ch.close(); }), "close of closed channel");
    EXPECT_EQ(panic_of([&] { goro::send_chan<int>(ch).close(); }), "close of closed channel");
  });
}

// CH-30
TEST_P(ChanClose, CH30_ClosedChannelIsDrainedThenYieldsNothing) {
  run([] {
    for (int capacity = 0; capacity < scale(200, 20); ++capacity) {
      const auto ch = goro::make_chan<int>(capacity);
      for (int i = 0; i < capacity; ++i) ch.send(i);
      ch.close();
      for (int i = 0; i < capacity; ++i) {
        int v = -1;
        ASSERT_TRUE(ch >> v);
        ASSERT_EQ(v, i);
      }
      int v = -1;
      EXPECT_FALSE(ch >> v);
      EXPECT_EQ(v, 0);
      EXPECT_EQ(ch.recv(), std::nullopt);
    }
  });
}

// CH-30
TEST_P(ChanClose, CH30_CloseWakesABlockedReceiver) {
  run([] {
    for (std::ptrdiff_t capacity : {0, 1, 10}) {
      const auto ch = goro::make_chan<int>(capacity);
      const auto done = goro::make_chan<bool>();
      goro::go([=] {
        int v = -1;
        const bool ok = ch >> v;
        done.send(!ok && v == 0);
      });
      ASSERT_TRUE(eventually_waiting(1, "chan receive"));
      ch.close();
      EXPECT_EQ(done.recv(), true);
    }
  });
}

// CH-38
TEST_P(ChanClose, CH38_CloseGivesNothingToEveryBlockedReceiver) {
  run([] {
    constexpr int receivers = 10;
    const auto ch = goro::make_chan<int>();
    const auto results = goro::make_chan<std::optional<int>>(receivers);
    for (int i = 0; i < receivers; ++i) {
      goro::go([=] { results.send(ch.recv()); });
    }
    ASSERT_TRUE(eventually_waiting(receivers, "chan receive"));
    ch.close();
    for (int i = 0; i < receivers; ++i) EXPECT_EQ(results.recv().value(), std::nullopt);
  });
}

// CH-38
TEST_P(ChanClose, CH38_ClosePanicsEveryBlockedSenderAndDiscardsTheirValues) {
  run([] {
    constexpr int senders = 10;
    for (std::ptrdiff_t capacity : {0, 2}) {
      const auto ch = goro::make_chan<int>(capacity);
      for (std::ptrdiff_t i = 0; i < capacity; ++i) ch.send(-1);
      const auto texts = goro::make_chan<std::string>(senders);
      for (int i = 0; i < senders; ++i) {
        goro::go([=] { texts.send(panic_of([&] { ch.send(i); })); });
      }
      ASSERT_TRUE(eventually_waiting(senders, "chan send"));
      ch.close();
      for (int i = 0; i < senders; ++i) EXPECT_EQ(texts.recv(), "send on closed channel");
      for (std::ptrdiff_t i = 0; i < capacity; ++i) EXPECT_EQ(ch.recv(), -1);
      EXPECT_EQ(ch.recv(), std::nullopt);
    }
  });
}

// CH-38
TEST_P(ChanClose, CH38_CloseEndsBlockedSelectsOnBothSides) {
  run([] {
    constexpr int parties = 10;
    const auto ch = goro::make_chan<int>();
    const auto never = goro::make_chan<int>();
    const auto results = goro::make_chan<std::optional<int>>(parties);
    for (int i = 0; i < parties; ++i) {
      goro::go([=] {
        std::optional<int> x = -1;
        goro::select(goro::recv(never), goro::recv(ch, x));
        results.send(x);
      });
    }
    ASSERT_TRUE(eventually_waiting(parties, "select"));
    ch.close();
    for (int i = 0; i < parties; ++i) EXPECT_EQ(results.recv().value(), std::nullopt);

    const auto full = goro::make_chan<int>();
    const auto texts = goro::make_chan<std::string>(parties);
    for (int i = 0; i < parties; ++i) {
      goro::go([=] { texts.send(panic_of([&] { goro::select(goro::send(full, i), goro::recv(never)); })); });
    }
    ASSERT_TRUE(eventually_waiting(parties, "select"));
    full.close();
    for (int i = 0; i < parties; ++i) EXPECT_EQ(texts.recv(), "send on closed channel");
    EXPECT_EQ(full.recv(), std::nullopt);
  });
}

}  // namespace
