// SPDX-License-Identifier: BSL-1.0
// Attempts that do not wait.
#include <any>
#include <cstdint>
#include <string>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using ChanNonblock = on_procs;
GORO_ON_PROCS(ChanNonblock);

template <class T>
bool try_recv_by_select(const goro::chan<T>& ch, T& x) {
  return goro::select(goro::recv(ch, x), goro::otherwise) == 0;
}
template <class T>
bool try_send_by_select(const goro::chan<T>& ch, const T& v) {
  return goro::select(goro::send(ch, v), goro::otherwise) == 0;
}

template <class T>
void receives_once_a_sender_is_there(std::ptrdiff_t capacity, const T& value) {
  const auto ch = goro::make_chan<T>(capacity);
  T x{};
  EXPECT_EQ(ch.try_recv(x), goro::recv_status::empty);
  EXPECT_FALSE(try_recv_by_select(ch, x));
  for (const bool select : {false, true}) {
    goro::go([=] { ch.send(value); });
    T got{};
    ASSERT_TRUE(
        eventually([&] { return select ? try_recv_by_select(ch, got) : ch.try_recv(got) == goro::recv_status::ok; }));
    EXPECT_EQ(got, value);
  }
}

template <class T>
void sends_once_a_receiver_is_there(std::ptrdiff_t capacity, const T& value) {
  const auto ch = goro::make_chan<T>(capacity);
  for (std::ptrdiff_t i = 0; i < capacity; ++i) EXPECT_TRUE(ch.try_send(value));
  EXPECT_FALSE(ch.try_send(value));
  EXPECT_FALSE(try_send_by_select(ch, value));
  for (const bool select : {false, true}) {
    const auto result = goro::make_chan<T>();
    goro::go([=] { result.send(ch.recv().value()); });
    ASSERT_TRUE(eventually([&] { return select ? try_send_by_select(ch, value) : ch.try_send(value); }));
    EXPECT_EQ(result.recv(), value);
  }
}

template <class T>
void both_ways(const T& value) {
  for (std::ptrdiff_t capacity : {0, 1}) {
    receives_once_a_sender_is_there(capacity, value);
    sends_once_a_receiver_is_there(capacity, value);
  }
}

// CH-03
TEST_P(ChanNonblock, CH03_AttemptsRefuseUntilAPartnerIsThereAndKeepValuesIntact) {
  run([] {
    both_ways<std::int32_t>(123);
    both_ways<std::int64_t>(0x1'2345'6789);
    both_ways<bool>(true);
    both_ways<std::string>("hello, a string that is longer than the small buffer of std::string");
  });
}

// CH-21
TEST_P(ChanNonblock, CH21_OneSlotChannelRefusesWhenEmptyAndYieldsWhenFull) {
  run([] {
    const auto ch = goro::make_chan<int>(1);
    int x = -1;
    bool ok = true;
    EXPECT_EQ(ch.try_recv(x), goro::recv_status::empty);
    EXPECT_EQ(goro::select(goro::recv(ch, x, ok), goro::otherwise), 1u);
    EXPECT_EQ(x, -1);
    EXPECT_TRUE(ok);

    ch.send(7);
    EXPECT_EQ(ch.try_recv(x), goro::recv_status::ok);
    EXPECT_EQ(x, 7);
    EXPECT_EQ(ch.try_recv(x), goro::recv_status::empty);
    ch.send(0);
    ok = false;
    EXPECT_EQ(goro::select(goro::recv(ch, x, ok), goro::otherwise), 0u);
    EXPECT_EQ(x, 0);
    EXPECT_TRUE(ok);

    ch.close();
    x = -1;
    EXPECT_EQ(ch.try_recv(x), goro::recv_status::closed);
    EXPECT_EQ(x, 0);
    x = -1;
    EXPECT_EQ(goro::select(goro::recv(ch, x, ok), goro::otherwise), 0u);
    EXPECT_EQ(x, 0);
    EXPECT_FALSE(ok);
  });
}

// CH-33
TEST_P(ChanNonblock, CH33_ReceiveThatRacesWithCloseNeverFindsAFullChannelEmpty) {
  run([] {
    for (int round = 0; round < scale(1'000'000, 20'000 / slowdown()); ++round) {
      const auto ch = goro::make_chan<int>(1);
      ch.send(1);
      const bool select = round % 2 == 0;
      const auto done = goro::make_chan<bool>(1);
      goro::go([=] {
        int x = 0;
        done.send(select ? try_recv_by_select(ch, x) : ch.try_recv(x) != goro::recv_status::empty);
      });
      ch.close();
      int x = 0;
      static_cast<void>(ch.try_recv(x));
      ASSERT_EQ(done.recv(), true);
    }
  });
}

// CH-34
TEST_P(ChanNonblock, CH34_PolymorphicValueGoesThroughEveryFormOfSendingToOneChannel) {
  run([] {
    const auto ch = goro::make_chan<std::any>(1);
    ch.send(std::string("first"));
    EXPECT_EQ(goro::select(goro::send(ch, std::any(2)), goro::otherwise), 1u);
    EXPECT_EQ(goro::select(goro::send(ch, std::any(3)), goro::send(ch, std::any(4)), goro::otherwise), 2u);
    EXPECT_EQ(std::any_cast<std::string>(ch.recv().value()), "first");

    goro::select(goro::send(ch, std::any(2)), goro::send(ch, std::any(2)));
    EXPECT_EQ(std::any_cast<int>(ch.recv().value()), 2);
    EXPECT_EQ(goro::select(goro::send(ch, std::any('c')), goro::otherwise), 0u);
    EXPECT_EQ(std::any_cast<char>(ch.recv().value()), 'c');
  });
}

}  // namespace
