// SPDX-License-Identifier: BSL-1.0
// Bad input to the primitives of goro/sync.hpp: the words that a process dies with, and the panics that it may handle.
#include <goro/goro.hpp>

#include <chrono>
#include <climits>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <shared_mutex>
#include <string>
#include <system_error>
#include <thread>

#include "last_words.hpp"

namespace {

struct SyncPrimitivesMisuse : misuse_on_procs {};
GORO_ON_PROCS(SyncPrimitivesMisuse);

using testing::HasSubstr;
using mistakes = std::map<std::string, std::function<void()>>;

/// Dies, and says nothing on standard output.
void expect_dies(const child_result& child, const std::string& first_words) {
  expect_last_words(child, first_words);
  EXPECT_EQ(child.out, "");
}

const mistakes unlocks = {
    {"Unlock", [] { goro::rw_mutex().unlock(); }},
    {"Unlock2",
     [] {
       goro::rw_mutex mu;
       mu.lock_shared();
       mu.unlock();
     }},
    {"Unlock3",
     [] {
       goro::rw_mutex mu;
       mu.lock();
       mu.unlock();
       mu.unlock();
     }},
    {"RUnlock", [] { goro::rw_mutex().unlock_shared(); }},
    {"RUnlock2",
     [] {
       goro::rw_mutex mu;
       mu.lock();
       mu.unlock_shared();
     }},
    {"RUnlock3",
     [] {
       goro::rw_mutex mu;
       mu.lock_shared();
       mu.unlock_shared();
       mu.unlock_shared();
     }},
};

void commit_under_a_catch_all(const mistakes& all, const std::string& which) {
  try {
    all.at(which)();
  } catch (...) {
    std::puts("caught");
  }
  std::puts("went on");
}

GORO_CHILD(unlock_rw_mutex_in_main) {
  return goro::run([&] { commit_under_a_catch_all(unlocks, args.at(0)); });
}
GORO_CHILD(unlock_rw_mutex_on_a_plain_thread) {
  commit_under_a_catch_all(unlocks, args.at(0));
  return 0;
}

// SY-02, Y7
TEST_P(SyncPrimitivesMisuse, SY02_UnlockOfAnUnlockedRwMutexIsFatalEvenUnderACatchAll) {
  for (const auto& [mistake, f] : unlocks) {
    const std::string call = mistake.substr(0, mistake.find_first_of("23"));
    for (const char* where : {"unlock_rw_mutex_in_main", "unlock_rw_mutex_on_a_plain_thread"}) {
      const auto child = run_here(where, {mistake});
      expect_dies(child, "fatal error: sync: " + call + " of unlocked RWMutex\n");
      EXPECT_THAT(child.err, HasSubstr("sync_primitives_misuse_test.cpp:")) << mistake;
    }
  }
}

goro::once recursive_once;
std::function<int()> recursive_value;

const mistakes deadlocks = {
    {"sync.RWMutex.RLock",
     [] {
       goro::rw_mutex mu;
       mu.lock();
       mu.lock_shared();
     }},
    {"sync.RWMutex.Lock",
     [] {
       goro::rw_mutex mu;
       mu.lock_shared();
       mu.lock();  // there is no upgrade
     }},
    {"sync.Cond.Wait",
     [] {
       goro::mutex mu;
       goro::cond c;
       std::unique_lock lock(mu);
       c.wait(lock);
     }},
    {"sync.WaitGroup.Wait",
     [] {
       goro::wait_group wg;
       wg.add();
       wg.wait();
     }},
    {"select",
     [] {
       goro::semaphore sem(1);
       sem.acquire();
       sem.acquire();
     }},
    {"chan receive (nil chan)", [] { goro::semaphore(1).acquire(2); }},
    {"sync.Mutex.Lock", [] { recursive_once.call([] { recursive_once.call([] {}); }); }},
};

GORO_CHILD(deadlock_in_main) {
  return goro::run([&] { deadlocks.at(args.at(0))(); });
}

// D11, Y5, Y15, K2
TEST_P(SyncPrimitivesMisuse, D11_EveryDeadlockNamesWhatItWaitsFor) {
  for (const auto& [reason, f] : deadlocks)
    expect_dies(run_here("deadlock_in_main", {reason}),
                "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [" + reason + "]:\n");
}

GORO_CHILD(once_value_calls_itself) {
  return goro::run([] {
    recursive_value = goro::once_value([] { return recursive_value() + 1; });
    recursive_value();
  });
}

// Y15
TEST_P(SyncPrimitivesMisuse, Y15_OnceValueThatCallsItselfIsADeadlock) {
  expect_dies(run_here("once_value_calls_itself"),
              "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [sync.Mutex.Lock]:\n");
}

GORO_CHILD(read_again_while_a_writer_waits) {
  return goro::run([] {
    goro::rw_mutex mu;
    mu.lock_shared();
    goro::go([&] { mu.lock(); });
    while (mu.try_lock_shared()) {
      mu.unlock_shared();
      goro::gosched();
    }
    mu.lock_shared();
  });
}

// Y5
TEST_P(SyncPrimitivesMisuse, Y5_ReadingAgainWhileAWriterWaitsIsADeadlock) {
  const auto child = run_here("read_again_while_a_writer_waits");
  expect_dies(child, "fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [sync.RWMutex.RLock]:\n");
  EXPECT_THAT(child.err, HasSubstr(" [sync.RWMutex.Lock]:\n"));
}

GORO_CHILD(wait_without_the_lock) {
  return goro::run([] {
    goro::mutex mu;
    goro::cond c;
    try {
      std::unique_lock lock(mu, std::defer_lock);
      c.wait(lock);
    } catch (const std::system_error&) {
      std::puts("refused");
    }
    goro::wait_group wg;
    std::unique_lock lock(mu);
    wg.go([&] {
      std::unique_lock own(mu);
      c.signal();
    });
    c.wait(lock);  // the only one who waits
    lock.unlock();
    wg.wait();
    std::puts("woken");
  });
}

GORO_CHILD(wait_with_an_unlocked_mutex) {
  return goro::run([] {
    goro::mutex mu;
    goro::cond().wait(mu);
  });
}

TEST_P(SyncPrimitivesMisuse, WaitWithALockThatIsNotHeldIsRefusedAndLeavesNobodyInTheQueue) {
  const auto child = run_here("wait_without_the_lock");
  EXPECT_EQ(child.signal, 0);
  EXPECT_EQ(child.exit_status, 0);
  EXPECT_EQ(child.out, "refused\nwoken\n");
  expect_dies(run_here("wait_with_an_unlocked_mutex"), "fatal error: sync: unlock of unlocked mutex\n");
}

int value_that_panics() { throw goro::panic("no value"); }

GORO_CHILD(once_value_panics) {
  return goro::run([&] {
    const auto value = goro::once_value(value_that_panics);
    if (args.at(0) == "later") {
      try {
        value();
      } catch (const goro::panic&) {
      }
    }
    value();
  });
}

// Y16
TEST_P(SyncPrimitivesMisuse, Y16_PanicOfTheFirstCallShowsTheFunctionsOwnFrames) {
  const auto child = run_here("once_value_panics", {"first"});
  expect_dies(child, "panic: no value\n\ngoroutine 1 [running]:\n");
  EXPECT_THAT(child.err, HasSubstr("value_that_panics"));
  EXPECT_THAT(child.err, HasSubstr("sync_primitives_misuse_test.cpp:"));
  expect_dies(run_here("once_value_panics", {"later"}), "panic: no value\n\ngoroutine 1 [running]:\n");
}

const mistakes panics_of_others = {
    {"wait_group",
     [] {
       goro::wait_group wg;
       wg.go([] { throw goro::panic("boom"); });
       wg.wait();
     }},
    {"errgroup",
     [] {
       goro::errgroup group(goro::context::background());
       group.go([] { throw goro::panic("boom"); });
       group.wait();
     }},
    {"call_chan",
     [] {
       goro::singleflight<int, int> g;
       static_cast<void>(g.call_chan(1, []() -> int { throw goro::panic("boom"); }).recv());
     }},
    {"call shared by call_chan",
     [] {
       goro::singleflight<int, int> g;
       std::optional<goro::recv_chan<goro::singleflight<int, int>::outcome>> shared;
       try {
         static_cast<void>(g.call(1, [&]() -> int {
           shared = g.call_chan(1, [] { return 1; });
           throw goro::panic("boom");
         }));
       } catch (const goro::panic&) {
       }
       static_cast<void>(shared->recv());
     }},
};

GORO_CHILD(wait_for_one_that_panics) {
  return goro::run([&] { commit_under_a_catch_all(panics_of_others, args.at(0)); });
}

// Y12, K1, K3
TEST_P(SyncPrimitivesMisuse, K1_PanicInAnotherGoroutineKillsTheProcessAndNobodyWhoWaitsForItGoesOn) {
  for (const auto& [where, f] : panics_of_others)
    expect_dies(run_here("wait_for_one_that_panics", {where}), "panic: boom\n\ngoroutine ");
}

GORO_CHILD(once_value_of_nothing) {
  return goro::run([] { static_cast<void>(goro::once_value(std::function<int()>())); });
}

TEST_P(SyncPrimitivesMisuse, OnceValueOfAnEmptyFunctionIsFatal) {
  expect_dies(run_here("once_value_of_nothing"), "fatal error: go of nil func value\n");
}

/// Tries a misuse that panics, in a goroutine and on a plain thread.
void expect_panic(const std::string& text, const std::function<void()>& f) {
  const auto of_f = [&] {
    EXPECT_EQ(panic_of([&] {
                f();
                return 0;
              }),
              text);
  };
  of_f();
  goro::run({.max_procs = SyncPrimitivesMisuse::GetParam()}, of_f);
}

// K1
TEST_P(SyncPrimitivesMisuse, K1_LimitCannotBeChangedWhileGoroutinesAreActive) {
  for (const int active : {1, 3}) {
    for (const int limit : {5, 0, -1}) {
      expect_panic(
          "errgroup: modify limit while " + std::to_string(active) + " goroutines in the group are still active", [&] {
            goro::errgroup group;
            group.set_limit(3);
            const auto release = goro::make_chan<void>();
            const goro::defer end{[&] { release.close(); }};
            for (int i = 0; i < active; ++i) group.go([=] { release.recv(); });
            group.set_limit(limit);
          });
    }
  }
}

// K2
TEST_P(SyncPrimitivesMisuse, K2_ReleasingMoreThanIsHeldPanics) {
  for (const std::int64_t held : {0, 2})
    expect_panic("semaphore: released more than held", [&] {
      goro::semaphore sem(5);
      sem.acquire(held);
      sem.release(held + 1);
    });
  expect_panic("semaphore: released more than held", [] { goro::semaphore(LLONG_MAX).release(LLONG_MAX); });
}

// K2
TEST_P(SyncPrimitivesMisuse, K2_NegativeNumbersOfTokensPanic) {
  expect_panic("goro::semaphore: size -1 is negative", [] { goro::semaphore sem(-1); });
  expect_panic("goro::semaphore: acquired number -2 is negative", [] { goro::semaphore(3).acquire(-2); });
  expect_panic("goro::semaphore: acquired number -2 is negative",
               [] { static_cast<void>(goro::semaphore(3).acquire(goro::context::background(), -2)); });
  expect_panic("goro::semaphore: acquired number -3 is negative",
               [] { static_cast<void>(goro::semaphore(3).try_acquire(-3)); });
  expect_panic("goro::semaphore: released number -9223372036854775808 is negative",
               [] { goro::semaphore(3).release(LLONG_MIN); });
}

// X9
TEST_P(SyncPrimitivesMisuse, X9_ErrgroupOfANilContextPanics) {
  expect_panic("cannot create context from nil parent", [] { const goro::errgroup group{goro::context()}; });
}

struct refuses_to_compare {
  bool operator()(int a, int b) const {
    if (refuses) throw std::bad_alloc();
    return a == b;
  }
  static inline bool refuses = false;
};

GORO_CHILD(key_that_refuses_to_compare) {
  return goro::run([] {
    goro::singleflight<int, int, std::hash<int>, refuses_to_compare> g;
    static_cast<void>(g.call(1, [&] {
      refuses_to_compare::refuses = true;
      try {
        static_cast<void>(g.call(1, [] { return 2; }));
      } catch (const std::bad_alloc&) {
        std::puts("thrown");
      }
      refuses_to_compare::refuses = false;
      return 1;
    }));
    std::puts("went on");
  });
}

TEST_P(SyncPrimitivesMisuse, SingleflightIsNotLeftLockedByAKeyWhoseComparisonThrows) {
  const auto child = run_here("key_that_refuses_to_compare");
  EXPECT_EQ(child.exit_status, 0);
  EXPECT_EQ(child.out, "thrown\nwent on\n");
}

GORO_CHILD(value_that_looks_into_its_map) {
  return goro::run([&] {
    using value = std::shared_ptr<int>;
    goro::concurrent_map<int, value> map;
    int* const number = new int(5);
    map.store(1, value(number, [&](const int* n) {
                delete n;
                std::puts(map.load(1).value_or(nullptr) == nullptr ? "destroyed" : "destroyed while it was there");
              }));
    const value same(value(), number);  // equal, and owns nothing
    if (args.at(0) == "erase") map.erase(1);
    if (args.at(0) == "store") map.store(1, nullptr);
    if (args.at(0) == "clear") map.clear();
    if (args.at(0) == "compare_and_swap") map.compare_and_swap(1, same, nullptr);
    if (args.at(0) == "compare_and_delete") map.compare_and_delete(1, same);
    std::puts("went on");
  });
}

TEST_P(SyncPrimitivesMisuse, ConcurrentMapDestroysAValueWithoutHoldingALock) {
  for (const char* call : {"erase", "store", "clear", "compare_and_swap", "compare_and_delete"}) {
    const auto child =
        run_child("value_that_looks_into_its_map", {call},
                  {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}, .timeout = std::chrono::seconds(3)});
    EXPECT_FALSE(child.timed_out) << call;
    EXPECT_EQ(child.out, "destroyed\nwent on\n") << call;
  }
}

}  // namespace
