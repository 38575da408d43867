// SPDX-License-Identifier: BSL-1.0
// Yielding, and goroutines locked to their threads.
#include <goro/debug.hpp>
#include <goro/goro.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <new>
#include <optional>
#include <sstream>
#include <string>

#include <unistd.h>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

struct GoYield : on_procs {};
struct GoThreadLock : on_procs {};
GORO_ON_PROCS(GoYield);
GORO_ON_PROCS(GoThreadLock);

void poll_until_told(goro::recv_chan<void> message, goro::send_chan<void> told) {
  for (bool waiting = true; waiting;) {
    goro::select(goro::recv(message, [&] { waiting = false; }), goro::otherwise([] { goro::gosched(); }));
  }
  told.send();
}

TEST_P(GoYield, GO08_AGoroutinePollingWithYieldStillGetsItsMessage) {
  run([] {
    auto message = goro::make_chan<void>();
    auto told = goro::make_chan<void>();
    goro::go(poll_until_told, message, told);
    goro::sleep(1ms);
    message.send();
    EXPECT_TRUE(told.recv());
  });
}

TEST_P(GoThreadLock, GO21_APollingGoroutineLockedToItsThreadStillGetsItsMessage) {
  run([] {
    auto message = goro::make_chan<void>();
    auto told = goro::make_chan<void>();
    goro::go([=] {
      goro::os_thread_lock lock;
      poll_until_told(message, told);
    });
    goro::sleep(1ms);
    message.send();
    EXPECT_TRUE(told.recv());
  });
}

TEST_P(GoThreadLock, GO09_ALockedGoroutineYieldsSleepsAndEndsWhileLocked) {
  run([] {
    auto done = goro::make_chan<void>();
    goro::go([=] {
      alignas(goro::os_thread_lock) std::byte never_unlocked[sizeof(goro::os_thread_lock)];
      ::new (never_unlocked) goro::os_thread_lock;
      const pid_t thread = gettid();
      for (int i = 0; i < 10; ++i) {
        goro::gosched();
        EXPECT_EQ(gettid(), thread);
        goro::sleep(1ms);
        EXPECT_EQ(gettid(), thread);
      }
      done.send();
    });
    EXPECT_TRUE(done.recv());
  });
}

TEST_P(GoThreadLock, GO11_ALockedGoroutineBlocksInTenSends) {
  run([] {
    auto ch = goro::make_chan<int>();
    goro::go([=] {
      goro::os_thread_lock lock;
      const pid_t thread = gettid();
      for (int i = 0; i < 10; ++i) {
        ch << i;
        EXPECT_EQ(gettid(), thread);
      }
      ch.close();
    });
    int next = 0;
    for (int i : ch) EXPECT_EQ(i, next++);
    EXPECT_EQ(next, 10);
  });
}

TEST_P(GoThreadLock, R7_NobodyElseRunsOnTheThreadOfALockedGoroutine) {
  run([] {
    goro::os_thread_lock lock;
    const pid_t mine = gettid();
    std::atomic<int> intruders{0};
    goro::wait_group wg;
    for (int i = 0; i < 100; ++i) {
      wg.go([&] {
        if (gettid() == mine) ++intruders;
        goro::gosched();
        if (gettid() == mine) ++intruders;
      });
    }
    wg.wait();
    EXPECT_EQ(intruders, 0);
  });
}

bool main_is_locked() {
  std::ostringstream dump;
  goro::debug::dump(dump);
  const std::string text = dump.str();
  const std::size_t start = text.find("goroutine 1 [");
  const std::string header = text.substr(start, text.find(']', start) - start);
  return header.find("locked to thread") != std::string::npos;
}

TEST_P(GoThreadLock, GO15_LocksNestAndTheLastUnlockFrees) {
  run([] {
    EXPECT_FALSE(main_is_locked());
    std::optional<goro::os_thread_lock> outer, inner;
    outer.emplace();
    EXPECT_TRUE(main_is_locked());
    inner.emplace();
    EXPECT_TRUE(main_is_locked());
    inner.reset();
    EXPECT_TRUE(main_is_locked());
    outer.reset();
    EXPECT_FALSE(main_is_locked());
  });
}

}  // namespace
