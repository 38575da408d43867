// SPDX-License-Identifier: BSL-1.0
// Channels and select from plain OS threads, without goro::run.
#include <array>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

class ChanThread : public leak_checked {};

TEST_F(ChanThread, ThreadReceivesWhatAGoroutineSends) {
  const auto ch = goro::make_chan<int>();
  goro::go([=] {
    for (int i = 0; i < 100; ++i) ch.send(i);
    ch.close();
  });
  int expected = 0;
  for (int v : ch) EXPECT_EQ(v, expected++);
  EXPECT_EQ(expected, 100);
}

TEST_F(ChanThread, GoroutineReceivesWhatAThreadSends) {
  const auto ch = goro::make_chan<int>();
  const auto sum = goro::make_chan<int>();
  goro::go([=] {
    int total = 0;
    for (int v : ch) total += v;
    sum.send(total);
  });
  for (int i = 1; i <= 100; ++i) ch.send(i);
  ch.close();
  EXPECT_EQ(sum.recv(), 5050);
}

TEST_F(ChanThread, ThreadsMeetWithoutAnyGoroutine) {
  for (std::ptrdiff_t capacity : {0, 1, 10}) {
    const auto ch = goro::make_chan<int>(capacity);
    std::jthread sender([=] {
      for (int i = 0; i < 1000; ++i) ch.send(i);
      ch.close();
    });
    int expected = 0;
    for (int v : ch) ASSERT_EQ(v, expected++);
    EXPECT_EQ(expected, 1000);
  }
}

TEST_F(ChanThread, ManyThreadsAndGoroutinesShareOneChannel) {
  constexpr int each = 500;
  constexpr int parties = 4;
  const auto ch = goro::make_chan<int>(3);
  const auto sums = goro::make_chan<long>(2 * parties);
  const auto produce = [=] {
    for (int i = 1; i <= each; ++i) ch.send(i);
  };
  const auto consume = [=] {
    long sum = 0;
    for (int i = 0; i < each; ++i) sum += ch.recv().value();
    sums.send(sum);
  };
  std::vector<std::jthread> threads;
  for (int p = 0; p < parties; ++p) {
    goro::go(produce);
    goro::go(consume);
    threads.emplace_back(produce);
    threads.emplace_back(consume);
  }
  long total = 0;
  for (int p = 0; p < 2 * parties; ++p) total += sums.recv().value();
  EXPECT_EQ(total, 2L * parties * each * (each + 1) / 2);
}

TEST_F(ChanThread, SelectWaitsAndChoosesOnAThread) {
  const auto a = goro::make_chan<int>();
  const auto b = goro::make_chan<std::string>();
  const auto quit = goro::make_chan<void>();
  goro::go([=] {
    a.send(1);
    b.send("two");
    quit.close();
  });
  std::vector<std::string> log;
  for (bool more = true; more;) {
    int x = 0;
    std::string s;
    switch (goro::select(goro::recv(a, x), goro::recv(b, s), goro::recv(quit))) {
      case 0: log.push_back(std::to_string(x)); break;
      case 1: log.push_back(s); break;
      default: more = false;
    }
  }
  EXPECT_EQ(log, (std::vector<std::string>{"1", "two"}));
}

TEST_F(ChanThread, CloseWakesAThreadThatReceivesAndPanicsOneThatSends) {
  const auto receiving = goro::make_chan<int>();
  const auto sending = goro::make_chan<int>();
  std::jthread receiver([=] { EXPECT_EQ(receiving.recv(), std::nullopt); });
  std::jthread sender([=] { EXPECT_EQ(panic_of([&] { sending.send(1); }), "send on closed channel"); });
  goro::go([=] {
    receiving.close();
    sending.close();
  });
}

// C20: that a waiting sender is admitted while another value is taken leaves no instant without a value.
TEST_F(ChanThread, ReceiveNeverFindsAChannelEmptyWhileASenderWaits) {
  using large = std::array<char, 1 << 16>;  // slow to move, so that both receivers meet in the middle of it
  for (int round = 0; round < scale(10'000, 300 / slowdown()); ++round) {
    const auto ch = goro::make_chan<large>(1);
    ch.send({});
    std::jthread sender([=] { ch.send({}); });
    ASSERT_TRUE(eventually_waiting(1, "chan send"));
    std::atomic<bool> started = false;
    std::jthread receiver([&started, ch] {
      started = true;
      static_cast<void>(ch.recv());
    });
    while (!started) std::this_thread::yield();
    for (int n = 0; n < 100'000 && ch.len() != 0;) ++n;  // until the other is at it
    large x;
    int missed = 0;
    while (ch.try_recv(x) == goro::recv_status::empty) ++missed;
    ASSERT_EQ(missed, 0);
  }
}

TEST_F(ChanThread, ExceptionsAndTryOperationsWorkOnAThread) {
  const auto ch = goro::make_chan<int>(1);
  EXPECT_TRUE(ch.try_send(1));
  EXPECT_FALSE(ch.try_send(2));
  int x = 0;
  EXPECT_EQ(ch.try_recv(x), goro::recv_status::ok);
  EXPECT_EQ(goro::select(goro::recv(ch, x), goro::otherwise), 1u);
  EXPECT_EQ(panic_of([] { return goro::make_chan<int>(-1); }), "makechan: size out of range");
}

}  // namespace
