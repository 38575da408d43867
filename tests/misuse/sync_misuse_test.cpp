// SPDX-License-Identifier: BSL-1.0
// Locks and groups that are given back too often, and timers that never were.
#include <goro/goro.hpp>

#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "last_words.hpp"

namespace {

using namespace std::chrono_literals;

struct SyncMisuse : misuse_on_procs {};
GORO_ON_PROCS(SyncMisuse);

const std::map<std::string, std::function<void()>> fatal_mistakes = {
    {"unlock", [] { goro::mutex().unlock(); }},
    {"unlock twice",
     [] {
       goro::mutex mu;
       mu.lock();
       mu.unlock();
       mu.unlock();
     }},
};

GORO_CHILD(unlock_in_main) {
  return goro::run([&] {
    try {
      fatal_mistakes.at(args.at(0))();
    } catch (...) {
      std::puts("caught");
    }
  });
}

GORO_CHILD(unlock_on_a_plain_thread) {
  try {
    fatal_mistakes.at(args.at(0))();
  } catch (...) {
    std::puts("caught");
  }
  return 0;
}

TEST_P(SyncMisuse, UnlockOfAnUnlockedMutexIsFatalEvenUnderACatchAll) {
  for (const auto& [mistake, f] : fatal_mistakes) {
    for (const char* where : {"unlock_in_main", "unlock_on_a_plain_thread"}) {
      const auto child = run_here(where, {mistake});
      expect_last_words(child, "fatal error: sync: unlock of unlocked mutex\n");
      EXPECT_EQ(child.out, "") << mistake;
      EXPECT_THAT(child.err, testing::HasSubstr("sync_misuse_test.cpp:")) << mistake;
    }
  }
}

GORO_CHILD(lock_twice) {
  return goro::run([] {
    goro::mutex mu;
    mu.lock();
    mu.lock();
  });
}

TEST_P(SyncMisuse, LockingTwiceIsADeadlockThatNamesTheMutex) {
  expect_last_words(run_here("lock_twice"),
                    "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [sync.Mutex.Lock]:\n");
}

const std::map<std::string, std::function<void()>> panics = {
    {"sync: negative WaitGroup counter", [] { goro::wait_group().done(); }},
    {"time: Stop called on uninitialized Timer", [] { goro::timer().stop(); }},
    {"time: Reset called on uninitialized Timer", [] { goro::timer().reset(1s); }},
};

GORO_CHILD(panic_in_main) {
  return goro::run([&] { panics.at(args.at(0))(); });
}

TEST_P(SyncMisuse, PanicsNameTheMistakeAndThePlace) {
  for (const auto& [message, f] : panics) {
    const auto child = run_here("panic_in_main", {message});
    expect_last_words(child, "panic: " + message + "\n\ngoroutine 1 [running]:\n");
    EXPECT_THAT(child.err, testing::HasSubstr("sync_misuse_test.cpp:")) << message;
    EXPECT_EQ(panic_of(f), message);
  }
}

}  // namespace
