// SPDX-License-Identifier: BSL-1.0
// The forms of receiving, what they write, and chan<void>.
#include <any>
#include <iterator>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <goro/chan.hpp>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using ChanReceive = on_procs;
GORO_ON_PROCS(ChanReceive);

using goro::recv_status;

TEST_P(ChanReceive, OperatorWritesAnEmptyValueOnceTheChannelIsClosedAndDrained) {
  run([] {
    const auto ch = goro::make_chan<std::string>(1);
    ch.send("value");
    ch.close();
    std::string x = "before";
    EXPECT_TRUE(ch >> x);
    EXPECT_EQ(x, "value");
    EXPECT_FALSE(ch >> x);
    EXPECT_EQ(x, "");
  });
}

TEST_P(ChanReceive, TryRecvTellsEmptyFromClosedAndLeavesTheDestinationWhenEmpty) {
  run([] {
    const auto ch = goro::make_chan<std::string>(1);
    std::string x = "before";
    EXPECT_EQ(ch.try_recv(x), recv_status::empty);
    EXPECT_EQ(x, "before");
    ch.send("value");
    EXPECT_EQ(ch.try_recv(x), recv_status::ok);
    EXPECT_EQ(x, "value");
    ch.send("last");
    ch.close();
    EXPECT_EQ(ch.try_recv(x), recv_status::ok);
    EXPECT_EQ(x, "last");
    EXPECT_EQ(ch.try_recv(x), recv_status::closed);
    EXPECT_EQ(x, "");
  });
}

TEST_P(ChanReceive, DestinationMayBeOfAWiderType) {
  run([] {
    const auto ch = goro::make_chan<int>(3);
    ch << 1 << 2 << 3;
    double number = 0;
    EXPECT_TRUE(ch >> number);
    EXPECT_EQ(number, 1.0);
    std::any any;
    EXPECT_EQ(ch.try_recv(any), recv_status::ok);
    EXPECT_EQ(std::any_cast<int>(any), 2);
    std::optional<int> optional;
    EXPECT_TRUE(ch >> optional);
    EXPECT_EQ(optional, 3);
  });
}

struct refuses_assignment {
  refuses_assignment() = default;
  refuses_assignment(refuses_assignment&&) noexcept = default;
  refuses_assignment& operator=(refuses_assignment&&) { throw std::runtime_error("assignment refused"); }
  tracked inner{0};
};

TEST_P(ChanReceive, AssignmentThatThrowsLosesThatOneValueOnly) {
  run([] {
    const auto ch = goro::make_chan<refuses_assignment>(3);
    for (int i = 0; i < 3; ++i) ch.send(refuses_assignment());
    refuses_assignment x;
    EXPECT_THROW(static_cast<void>(ch >> x), std::runtime_error);
    EXPECT_THROW(static_cast<void>(ch.try_recv(x)), std::runtime_error);
    EXPECT_EQ(ch.len(), 1u);
  });
  EXPECT_EQ(tracked::alive, 0);
}

TEST_P(ChanReceive, RangeMovesEachValueOut) {
  run([] {
    const auto ch = goro::make_chan<tracked>(3);
    tracked::reset();
    for (int i = 0; i < 3; ++i) ch.send(tracked(i));
    ch.close();
    std::vector<tracked> all;
    for (auto&& v : ch) all.push_back(std::forward<decltype(v)>(v));
    ASSERT_EQ(all.size(), 3u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(tracked::copies, 0);
  });
}

TEST_P(ChanReceive, RangeOverARecvChanIsAnInputRange) {
  static_assert(std::input_iterator<decltype(std::declval<const goro::recv_chan<int>&>().begin())>);
  run([] {
    const auto ch = goro::make_chan<int>(3);
    ch << 1 << 2 << 3;
    ch.close();
    int sum = 0;
    for (int v : goro::recv_chan<int>(ch)) sum += v;
    EXPECT_EQ(sum, 6);
  });
}

TEST_P(ChanReceive, RangeKeepsATemporaryChannelAlive) {
  run([] {
    const auto numbers = [] {
      const auto ch = goro::make_chan<int>(2);
      ch << 1 << 2;
      ch.close();
      return goro::recv_chan<int>(ch);
    };
    int sum = 0;
    for (int v : numbers()) sum += v;
    EXPECT_EQ(sum, 3);
  });
}

TEST_P(ChanReceive, ChannelOfVoidCarriesSignals) {
  run([] {
    const auto ch = goro::make_chan<void>(2);
    EXPECT_EQ(ch.try_recv(), recv_status::empty);
    ch.send();
    EXPECT_TRUE(ch.try_send());
    EXPECT_FALSE(ch.try_send());
    EXPECT_EQ(ch.len(), 2u);
    EXPECT_EQ(ch.cap(), 2u);
    EXPECT_TRUE(ch.recv());
    EXPECT_EQ(ch.try_recv(), recv_status::ok);
    ch.close();
    EXPECT_FALSE(ch.recv());
    EXPECT_EQ(ch.try_recv(), recv_status::closed);
    EXPECT_EQ(panic_of([&] { ch.send(); }), "send on closed channel");
    EXPECT_EQ(panic_of([&] { return ch.try_send(); }), "send on closed channel");
    EXPECT_EQ(panic_of([&] { ch.close(); }), "close of closed channel");
  });
}

TEST_P(ChanReceive, UnbufferedChannelOfVoidMeets) {
  run([] {
    const auto ch = goro::make_chan<void>();
    int stage = 0;
    goro::go([&, s = goro::send_chan<void>(ch)] {
      stage = 1;
      s.send();
    });
    EXPECT_TRUE(goro::recv_chan<void>(ch).recv());
    EXPECT_EQ(stage, 1);
  });
}

TEST_P(ChanReceive, ReceiveAsTheOperandOfASendComesFirst) {
  run([] {
    const auto a = goro::make_chan<int>(1);
    const auto b = goro::make_chan<int>(1);
    a.send(5);
    b << a.recv().value();  // C22
    EXPECT_EQ(a.len(), 0u);
    EXPECT_EQ(b.recv(), 5);
  });
}

}  // namespace
