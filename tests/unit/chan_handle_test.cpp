// SPDX-License-Identifier: BSL-1.0
// Channel handles: references that are copied, moved, compared, printed, hashed and named.
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include <goro/chan.hpp>

#include "goro_test.hpp"

namespace {

using goro::chan;
using goro::recv_chan;
using goro::send_chan;

class ChanHandle : public leak_checked {};

static_assert(std::is_nothrow_default_constructible_v<chan<int>>);
static_assert(std::is_nothrow_copy_constructible_v<chan<int>> && std::is_nothrow_copy_assignable_v<chan<int>>);
static_assert(std::is_nothrow_move_constructible_v<chan<int>> && std::is_nothrow_move_assignable_v<chan<int>>);
static_assert(std::is_nothrow_convertible_v<chan<int>, send_chan<int>>);
static_assert(std::is_nothrow_convertible_v<chan<int>, recv_chan<int>>);
static_assert(std::is_same_v<chan<int>::value_type, int>);
static_assert(!std::is_convertible_v<chan<int>, bool> && std::is_constructible_v<bool, chan<int>>);
static_assert(!std::is_convertible_v<chan<int>, chan<long>>);
static_assert(std::is_same_v<decltype(std::declval<const chan<int>&>().recv()), std::optional<int>>);
static_assert(std::is_same_v<decltype(std::declval<const chan<void>&>().recv()), bool>);
static_assert(std::is_same_v<decltype(std::declval<const chan<int>&>().try_send(1)), bool>);

template <class T>
std::string printed(const T& value) {
  std::ostringstream out;
  out << value;
  return out.str();
}

TEST_F(ChanHandle, CopiesDenoteTheSameChannel) {
  const auto ch = goro::make_chan<int>(1);
  const auto copy = ch;
  copy.send(1);
  EXPECT_EQ(ch.len(), 1u);
  EXPECT_EQ(ch.recv(), 1);
  copy.close();
  EXPECT_EQ(ch.recv(), std::nullopt);
}

TEST_F(ChanHandle, MovingFromAHandleLeavesItNil) {
  auto ch = goro::make_chan<int>(1);
  const auto moved = std::move(ch);
  EXPECT_FALSE(ch);  // NOLINT(bugprone-use-after-move): what a moved-from handle is, is the statement
  EXPECT_TRUE(moved);
  auto other = goro::make_chan<int>(1);
  const send_chan<int> s = std::move(other);
  EXPECT_FALSE(other);  // NOLINT(bugprone-use-after-move): as above
  s.send(1);
}

TEST_F(ChanHandle, AssigningAHandleToItselfKeepsTheChannel) {
  auto ch = goro::make_chan<int>(1);
  auto& same = ch;
  ch = same;
  ch = std::move(same);
  ASSERT_TRUE(ch);
  ch.send(1);
  EXPECT_EQ(ch.recv(), 1);
}

TEST_F(ChanHandle, TheLastHandleFreesTheChannelWhicheverKindItIs) {
  const auto before = goro::debug::stats().channels;
  recv_chan<int> r;
  {
    send_chan<int> s;
    {
      const auto ch = goro::make_chan<int>(1);
      s = ch;
      r = ch;
    }
    s.send(1);
    s.close();
  }
  EXPECT_EQ(goro::debug::stats().channels, before + 1);
  EXPECT_EQ(r.recv(), 1);
  EXPECT_EQ(r.recv(), std::nullopt);
  r = {};
  EXPECT_EQ(goro::debug::stats().channels, before);
}

TEST_F(ChanHandle, OperationsAreConstAndSendingChains) {
  const chan<int> ch = goro::make_chan<int>(3);
  ch << 1 << 2 << 3;
  EXPECT_EQ(ch.len(), 3u);
  const send_chan<int> s = ch;
  static_cast<void>(ch.recv());
  static_assert(std::is_same_v<decltype(s << 4), const send_chan<int>&>);
  s << 4;
  EXPECT_EQ(ch.len(), 3u);
}

TEST_F(ChanHandle, NilIsFalseAndEqualsNullptr) {
  const chan<int> nil;
  const auto ch = goro::make_chan<int>();
  EXPECT_FALSE(nil);
  EXPECT_TRUE(ch);
  EXPECT_TRUE(nil == nullptr);
  EXPECT_TRUE(ch != nullptr);
  EXPECT_FALSE(send_chan<int>(nil));
  EXPECT_FALSE(recv_chan<int>(nil));
}

TEST_F(ChanHandle, PrintsItsAddressAsGoDoes) {
  const auto ch = goro::make_chan<int>();
  EXPECT_THAT(printed(ch), testing::MatchesRegex("0x[0-9a-f]+"));
  EXPECT_EQ(printed(ch), printed(send_chan<int>(ch)));
  EXPECT_EQ(printed(ch), printed(recv_chan<int>(ch)));
  EXPECT_NE(printed(ch), printed(goro::make_chan<int>()));
  EXPECT_EQ(printed(chan<int>()), "<nil>");
}

TEST_F(ChanHandle, EqualHandlesHaveEqualHashes) {
  const auto a = goro::make_chan<int>();
  const auto copy = a;
  EXPECT_EQ(std::hash<chan<int>>()(a), std::hash<chan<int>>()(copy));
  EXPECT_EQ(std::hash<chan<int>>()(a), std::hash<send_chan<int>>()(a));
  EXPECT_EQ(std::hash<chan<int>>()(a), std::hash<recv_chan<int>>()(a));
  std::unordered_set<recv_chan<int>> set{a, copy, goro::make_chan<int>()};
  EXPECT_EQ(set.size(), 2u);
  std::unordered_set<chan<void>> of_void{goro::make_chan<void>(), chan<void>()};
  EXPECT_EQ(of_void.size(), 2u);
}

TEST_F(ChanHandle, TypeNamesReadAsInGo) {
  EXPECT_EQ(goro::type_name<chan<int>>(), "chan int");
  EXPECT_EQ(goro::type_name<send_chan<int>>(), "chan<- int");
  EXPECT_EQ(goro::type_name<recv_chan<std::string>>(), "<-chan std::string");
  EXPECT_EQ(goro::type_name<chan<chan<int>>>(), "chan chan int");
  EXPECT_EQ(goro::type_name<chan<send_chan<int>>>(), "chan chan<- int");
  EXPECT_EQ(goro::type_name<chan<recv_chan<int>>>(), "chan (<-chan int)");
  EXPECT_EQ(goro::type_name<recv_chan<recv_chan<int>>>(), "<-chan <-chan int");
  EXPECT_EQ(goro::type_name<send_chan<chan<int>>>(), "chan<- chan int");
  EXPECT_EQ(goro::type_name<int>(), "int");
  EXPECT_EQ(goro::type_name<std::string>(), "std::string");
}

TEST_F(ChanHandle, HandlesAreStoredInContainers) {
  std::map<std::string, chan<int>> by_name{{"a", goro::make_chan<int>(1)}, {"b", goro::make_chan<int>(1)}};
  std::vector<send_chan<int>> outputs;
  for (const auto& [name, ch] : by_name) outputs.push_back(ch);
  for (std::size_t i = 0; i < outputs.size(); ++i) outputs[i].send(static_cast<int>(i));
  EXPECT_EQ(by_name.at("a").recv(), 0);
  EXPECT_EQ(by_name.at("b").recv(), 1);
}

}  // namespace
