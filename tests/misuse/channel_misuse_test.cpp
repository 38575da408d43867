// SPDX-License-Identifier: BSL-1.0
// Capacities that cannot be, and channels that are nil or closed.
#include <goro/goro.hpp>

#include <array>
#include <cstddef>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <string>

#include "last_words.hpp"

namespace {

struct ChannelMisuse : misuse_on_procs {};
GORO_ON_PROCS(ChannelMisuse);

using testing::HasSubstr;

struct big {
  std::array<std::byte, 65536> bytes;
};

volatile std::ptrdiff_t minus_one = -1;
volatile std::ptrdiff_t huge = std::numeric_limits<std::ptrdiff_t>::max();
volatile std::ptrdiff_t overflows_with_64_kib = std::ptrdiff_t{1} << 47;

const std::map<std::string, std::function<void()>> mistakes = {
    {"negative capacity", [] { (void)goro::make_chan<int>(minus_one); }},
    {"huge capacity", [] { (void)goro::make_chan<int>(huge); }},
    {"huge capacity of nothing", [] { (void)goro::make_chan<big>(huge); }},
    {"overflowing capacity", [] { (void)goro::make_chan<big>(overflows_with_64_kib); }},
    {"close nil", [] { goro::chan<int>().close(); }},
    {"close nil send-only", [] { goro::send_chan<int>().close(); }},
    {"close nil void", [] { goro::chan<void>().close(); }},
    {"close closed",
     [] {
       auto ch = goro::make_chan<int>();
       ch.close();
       ch.close();
     }},
    {"send closed",
     [] {
       auto ch = goro::make_chan<int>();
       ch.close();
       ch.send(1);
     }},
    {"send closed buffered",
     [] {
       auto ch = goro::make_chan<int>(3);
       ch << 1;
       ch.close();
       ch << 2;
     }},
    {"send closed void",
     [] {
       auto ch = goro::make_chan<void>(1);
       ch.close();
       ch.send();
     }},
    {"try_send closed",
     [] {
       auto ch = goro::make_chan<int>(1);
       ch.close();
       (void)ch.try_send(1);
     }},
    {"select send closed",
     [] {
       auto ch = goro::make_chan<int>(1);
       ch.close();
       goro::select(goro::send(ch, 1), goro::recv(goro::chan<int>()));
     }},
};

const std::map<std::string, std::string> messages = {
    {"negative capacity", "makechan: size out of range"},
    {"huge capacity", "makechan: size out of range"},
    {"huge capacity of nothing", "makechan: size out of range"},
    {"overflowing capacity", "makechan: size out of range"},
    {"close nil", "close of nil channel"},
    {"close nil send-only", "close of nil channel"},
    {"close nil void", "close of nil channel"},
    {"close closed", "close of closed channel"},
    {"send closed", "send on closed channel"},
    {"send closed buffered", "send on closed channel"},
    {"send closed void", "send on closed channel"},
    {"try_send closed", "send on closed channel"},
    {"select send closed", "send on closed channel"},
};

GORO_CHILD(in_main) {
  return goro::run([&] { mistakes.at(args.at(0))(); });
}

GORO_CHILD(on_a_plain_thread) {
  mistakes.at(args.at(0))();
  return 0;
}

GORO_CHILD(caught) {
  return goro::run([&] {
    try {
      mistakes.at(args.at(0))();
    } catch (const goro::panic& p) {
      std::printf("%s\n", p.what());
    }
    return 0;
  });
}

TEST_P(ChannelMisuse, EndsTheProcessWithTheTextTheGoroutineAndThePlace) {
  for (const auto& [mistake, message] : messages) {
    const auto child = run_here("in_main", {mistake});
    expect_last_words(child, "panic: " + message + "\n\ngoroutine 1 [running]:\n");
    EXPECT_THAT(child.err, HasSubstr("channel_misuse_test.cpp:")) << mistake;
  }
}

TEST_P(ChannelMisuse, EndsTheProcessWithTheTextOnAPlainThreadToo) {
  for (const auto& [mistake, message] : messages) {
    expect_last_words(run_here("on_a_plain_thread", {mistake}), "panic: " + message + "\n");
  }
}

TEST_P(ChannelMisuse, CanBeCaughtAsAPanic) {
  for (const auto& [mistake, message] : messages) {
    const auto child = run_here("caught", {mistake});
    EXPECT_EQ(child.exit_status, 0) << mistake;
    EXPECT_EQ(child.out, message + "\n");
    EXPECT_EQ(child.err, "");
  }
}

GORO_CHILD(close_while_a_sender_waits) {
  return goro::run([] {
    auto ch = goro::make_chan<int>();
    goro::go({.name = "sender"}, [=] { ch << 1; });
    while (count_waiting("chan send") != 1) goro::gosched();
    ch.close();
    goro::select();
  });
}

TEST_P(ChannelMisuse, AClosePanicsInTheSenderThatWaits) {
  const auto child = run_here("close_while_a_sender_waits");
  expect_last_words(child, "panic: send on closed channel\n\ngoroutine ");
  EXPECT_THAT(child.err, HasSubstr("created by "));
}

}  // namespace
