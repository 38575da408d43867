// SPDX-License-Identifier: BSL-1.0
// What happens before what (HB5 to HB8). The variables here are deliberately not atomic: ThreadSanitizer sees every
// access that the channel does not order.
#include <string>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using ChanOrdering = on_procs;
GORO_ON_PROCS(ChanOrdering);

TEST_P(ChanOrdering, SendHappensBeforeTheReceiveOfItsValueCompletes) {
  run([] {
    for (std::ptrdiff_t capacity : {0, 1, 10}) {
      for (int round = 0; round < 100; ++round) {
        const auto ch = goro::make_chan<int>(capacity);
        std::string text;
        goro::go([&, ch] {
          text = "written before the send";
          ch.send(0);
        });
        ASSERT_EQ(ch.recv(), 0);
        ASSERT_EQ(text, "written before the send");
      }
    }
  });
}

TEST_P(ChanOrdering, SendHappensBeforeANonblockingReceiveOfItsValue) {
  run([] {
    for (std::ptrdiff_t capacity : {0, 1}) {
      for (int round = 0; round < 100; ++round) {
        const auto ch = goro::make_chan<int>(capacity);
        std::string text;
        goro::go([&, ch] {
          text = "written before the send";
          ch.send(0);
        });
        int x = 0;
        ASSERT_TRUE(eventually([&] { return ch.try_recv(x) == goro::recv_status::ok; }));
        ASSERT_EQ(text, "written before the send");
      }
    }
  });
}

TEST_P(ChanOrdering, CloseHappensBeforeAReceiveThatReportsIt) {
  run([] {
    for (int round = 0; round < 100; ++round) {
      const auto ch = goro::make_chan<int>(1);
      std::string text;
      goro::go([&, ch] {
        text = "written before the close";
        ch.close();
      });
      if (round % 2 == 0) {
        ASSERT_EQ(ch.recv(), std::nullopt);
      } else {
        int x = 0;
        ASSERT_TRUE(eventually([&] { return ch.try_recv(x) == goro::recv_status::closed; }));
      }
      ASSERT_EQ(text, "written before the close");
    }
  });
}

TEST_P(ChanOrdering, UnbufferedReceiveHappensBeforeItsSendCompletes) {
  run([] {
    for (int round = 0; round < 100; ++round) {
      const auto ch = goro::make_chan<int>();
      std::string text;
      goro::go([&, ch] {
        text = "written before the receive";
        static_cast<void>(ch.recv());
      });
      ch.send(0);
      ASSERT_EQ(text, "written before the receive");
    }
  });
}

TEST_P(ChanOrdering, BufferedChannelIsASemaphoreThatOrders) {
  run([] {
    constexpr int parties = 8;
    const auto slots = goro::make_chan<void>(1);
    const auto done = goro::make_chan<void>(parties);
    int counter = 0;
    for (int p = 0; p < parties; ++p) {
      goro::go([&, slots, done] {
        for (int i = 0; i < 200; ++i) {
          slots.send();
          ++counter;
          slots.recv();
        }
        done.send();
      });
    }
    for (int p = 0; p < parties; ++p) done.recv();
    EXPECT_EQ(counter, parties * 200);
  });
}

TEST_P(ChanOrdering, SelectOrdersLikeThePlainOperations) {
  run([] {
    for (int round = 0; round < 100; ++round) {
      const auto ch = goro::make_chan<int>();
      const auto never = goro::make_chan<int>();
      std::string sent;
      std::string received;
      goro::go([&, ch, never] {
        sent = "written before the send";
        received = "and before the receive";
        goro::select(goro::send(ch, 1), goro::recv(never));
        goro::select(goro::recv(never), goro::recv(ch));
      });
      goro::select(goro::recv(never), goro::recv(ch));
      ASSERT_EQ(sent, "written before the send");
      goro::select(goro::send(ch, 2), goro::recv(never));
      ASSERT_EQ(received, "and before the receive");
    }
  });
}

TEST_P(ChanOrdering, ReceivedObjectsBelongToTheReceiver) {
  run([] {
    const auto ch = goro::make_chan<std::vector<int>*>(4);
    const auto back = goro::make_chan<std::vector<int>*>(4);
    std::vector<std::vector<int>> vectors(4, std::vector<int>(100));
    goro::go([=] {
      for (auto* v : ch) {
        for (int& n : *v) ++n;
        back.send(v);
      }
      back.close();
    });
    for (auto& v : vectors) ch.send(&v);
    for (int round = 0; round < 200; ++round) {
      auto* const v = back.recv().value();
      for (int& n : *v) ++n;
      ch.send(v);
    }
    ch.close();
    int total = 0;
    for (auto* v : back) total += v->front();
    EXPECT_EQ(total, 2 * 200 + 4);
  });
}

}  // namespace
