// SPDX-License-Identifier: BSL-1.0
// Channel types: directions, identity, and what an element may be.
#include <array>
#include <functional>
#include <map>
#include <memory>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using ChanType = on_procs;
GORO_ON_PROCS(ChanType);

using goro::chan;
using goro::recv_chan;
using goro::send_chan;

template <class Ch>
concept sends = requires(const Ch& ch, int v) { ch.send(v); };
template <class Ch>
concept sends_by_operator = requires(const Ch& ch, int v) { ch << v; };
template <class Ch>
concept tries_to_send = requires(const Ch& ch, int v) { ch.try_send(v); };
template <class Ch>
concept closes = requires(const Ch& ch) { ch.close(); };
template <class Ch>
concept receives = requires(const Ch& ch) { ch.recv(); };
template <class Ch>
concept receives_by_operator = requires(const Ch& ch, int x) { ch >> x; };
template <class Ch>
concept tries_to_receive = requires(const Ch& ch, int x) { ch.try_recv(x); };
template <class Ch>
concept ranges = requires(const Ch& ch) {
  ch.begin();
  ch.end();
};
template <class Ch>
concept selects_send = requires(const Ch& ch, int v) { goro::send(ch, v); };
template <class Ch>
concept selects_receive = requires(const Ch& ch, int x) { goro::recv(ch, x); };

template <class Ch>
inline constexpr bool has_sending_side =
    sends<Ch> && sends_by_operator<Ch> && tries_to_send<Ch> && selects_send<Ch> && closes<Ch>;
template <class Ch>
inline constexpr bool has_no_sending_side =
    !sends<Ch> && !sends_by_operator<Ch> && !tries_to_send<Ch> && !selects_send<Ch> && !closes<Ch>;
template <class Ch>
inline constexpr bool has_receiving_side =
    receives<Ch> && receives_by_operator<Ch> && tries_to_receive<Ch> && selects_receive<Ch> && ranges<Ch>;
template <class Ch>
inline constexpr bool has_no_receiving_side =
    !receives<Ch> && !receives_by_operator<Ch> && !tries_to_receive<Ch> && !selects_receive<Ch> && !ranges<Ch>;

// CH-04
TEST_P(ChanType, CH04_DirectionsDecideWhichOperationsCompile) {
  static_assert(has_sending_side<chan<int>> && has_receiving_side<chan<int>>);
  static_assert(has_sending_side<send_chan<int>> && has_no_receiving_side<send_chan<int>>);
  static_assert(has_no_sending_side<recv_chan<int>> && has_receiving_side<recv_chan<int>>);
  run([] {
    const auto ch = goro::make_chan<int>(1);
    const send_chan<int> s = ch;
    const recv_chan<int> r = ch;
    s << 1;
    EXPECT_EQ(r.recv(), 1);
    s.close();
    EXPECT_EQ(r.recv(), std::nullopt);
  });
}

// CH-04
TEST_P(ChanType, CH04_OnlyTheBidirectionalTypeConvertsToAnother) {
  static_assert(std::is_convertible_v<chan<int>, send_chan<int>>);
  static_assert(std::is_convertible_v<chan<int>, recv_chan<int>>);
  static_assert(!std::is_constructible_v<chan<int>, send_chan<int>>);
  static_assert(!std::is_constructible_v<chan<int>, recv_chan<int>>);
  static_assert(!std::is_constructible_v<send_chan<int>, recv_chan<int>>);
  static_assert(!std::is_constructible_v<recv_chan<int>, send_chan<int>>);
  static_assert(!std::is_assignable_v<chan<int>&, send_chan<int>>);
  static_assert(!std::is_assignable_v<chan<int>&, recv_chan<int>>);
  static_assert(!std::is_assignable_v<send_chan<int>&, recv_chan<int>>);
  static_assert(!std::is_assignable_v<recv_chan<int>&, send_chan<int>>);
  static_assert(!std::is_constructible_v<chan<int>, chan<long>>);
  static_assert(!std::is_constructible_v<recv_chan<int>, chan<long>>);
  run([] {
    const auto ch = goro::make_chan<int>(1);
    recv_chan<int> r;
    EXPECT_FALSE(r);
    r = ch;
    EXPECT_TRUE(r == ch);
  });
}

// CH-05
TEST_P(ChanType, CH05_ChannelReceivedInOneRoundIsSentOnInAnother) {
  run([] {
    const auto channels = goro::make_chan<chan<int>>(1);
    const auto ch = goro::make_chan<int>(1);
    channels.send(ch);
    switch (goro::select(goro::send(channels.recv().value(), 2), goro::recv(goro::make_chan<int>()))) {
      case 0: break;
      default: ADD_FAILURE() << "the case that cannot go on was chosen";
    }
    EXPECT_EQ(ch.recv(), 2);
  });
}

// CH-05
TEST_P(ChanType, CH05_ValueIsEvaluatedFullyBeforeTheSend) {
  run([] {
    const auto ch = goro::make_chan<bool>(1);
    const auto value = [&] {
      EXPECT_EQ(ch.len(), 0u);
      return true;
    };
    ch << (false || value());
    EXPECT_EQ(ch.recv(), true);
  });
}

// CH-25
TEST_P(ChanType, CH25_ReceiveFromAReceivedChannelInOneExpression) {
  run([] {
    const auto outer = goro::make_chan<chan<int>>(1);
    const auto inner = goro::make_chan<int>(1);
    outer.send(inner);
    inner.send(42);
    EXPECT_EQ(outer.recv()->recv(), 42);
  });
}

struct empty {
  bool operator==(const empty&) const = default;
};

template <class T>
void carries_a_thousand(std::ptrdiff_t capacity) {
  const auto ch = goro::make_chan<T>(capacity);
  EXPECT_EQ(ch.cap(), static_cast<std::size_t>(capacity));
  goro::go([=] {
    for (int i = 0; i < 1000; ++i) ch.send(T{});
    ch.close();
  });
  int n = 0;
  while (ch.recv().has_value()) ++n;
  EXPECT_EQ(n, 1000);

  const auto counted = goro::make_chan<T>(capacity);
  for (std::ptrdiff_t i = 0; i < capacity; ++i) {
    counted.send(T{});
    EXPECT_EQ(counted.len(), static_cast<std::size_t>(i + 1));
  }
  EXPECT_FALSE(counted.try_send(T{}));
}

// CH-07
TEST_P(ChanType, CH07_ElementsWithoutSizeAreCountedLikeOthers) {
  run([] {
    for (std::ptrdiff_t capacity : {0, 10}) {
      carries_a_thousand<empty>(capacity);
      carries_a_thousand<std::monostate>(capacity);
      carries_a_thousand<std::array<empty, 0>>(capacity);

      const auto ch = goro::make_chan<void>(capacity);
      goro::go([=] {
        for (int i = 0; i < 1000; ++i) ch.send();
        ch.close();
      });
      int n = 0;
      while (ch.recv()) ++n;
      EXPECT_EQ(n, 1000);
    }
  });
}

// CH-16
TEST_P(ChanType, CH16_ChannelsAreEqualIfOneMakeMadeThemOrBothAreNil) {
  run([] {
    const auto a = goro::make_chan<int>();
    const auto b = goro::make_chan<int>();
    const auto copy = a;
    EXPECT_TRUE(a == copy);
    EXPECT_FALSE(a == b);
    EXPECT_TRUE(a != b);
    EXPECT_TRUE(chan<int>() == chan<int>());
    EXPECT_FALSE(a == chan<int>());
    EXPECT_TRUE(send_chan<int>(a) == a);
    EXPECT_TRUE(a == recv_chan<int>(a));
    EXPECT_TRUE(send_chan<int>(a) == send_chan<int>(copy));
    EXPECT_FALSE(recv_chan<int>(a) == recv_chan<int>(b));
  });
}

// CH-16
TEST_P(ChanType, CH16_ChannelsWorkAsMapKeys) {
  run([] {
    std::unordered_map<chan<int>, int> number_of;
    std::vector<chan<int>> channels;
    for (int i = 0; i < 10; ++i) channels.push_back(goro::make_chan<int>());
    for (int i = 0; i < 10; ++i) number_of[channels[static_cast<std::size_t>(i)]] = i;
    number_of[chan<int>()] = -1;
    for (int i = 0; i < 10; ++i) EXPECT_EQ(number_of.at(channels[static_cast<std::size_t>(i)]), i);
    EXPECT_EQ(number_of.at(chan<int>()), -1);
    EXPECT_EQ(number_of.size(), 11u);
  });
}

struct record {
  std::array<std::shared_ptr<int>, 3> pointers;
};

// CH-28
TEST_P(ChanType, CH28_StructWithPointersSurvivesInABufferedChannelAfterClose) {
  run([] {
    const auto ch = goro::make_chan<record>(1);
    const auto shared = std::make_shared<int>(7);
    ch.send(record{{shared, nullptr, shared}});
    ch.close();
    const record got = ch.recv().value();
    EXPECT_EQ(*got.pointers[0], 7);
    EXPECT_EQ(got.pointers[1], nullptr);
    EXPECT_EQ(got.pointers[2], shared);
    EXPECT_EQ(shared.use_count(), 3);
    EXPECT_FALSE(ch.recv().has_value());
  });
}

}  // namespace
