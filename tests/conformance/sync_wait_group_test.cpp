// SPDX-License-Identifier: BSL-1.0
// goro::wait_group: wait() returns when everything is done, and not before.
#include <atomic>
#include <climits>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync/wait_group.hpp>

#include "goro_test.hpp"

namespace {

using SyncWaitGroup = on_procs;
GORO_ON_PROCS(SyncWaitGroup);

constexpr const char* group_wait = "sync.WaitGroup.Wait";

// SY-10, Y11
TEST_P(SyncWaitGroup, SY10_TwoGroupsAreBarriersThatNobodyPassesEarly) {
  run([] {
    constexpr int n = 16;
    goro::wait_group arrived;
    goro::wait_group leave;
    for (int round = 0; round < 8; ++round) {
      const auto left = goro::make_chan<void>(n);
      arrived.add(n);
      leave.add(n);
      for (int i = 0; i < n; ++i) {
        goro::go([&, left] {
          arrived.done();
          leave.wait();
          left.send();
        });
      }
      arrived.wait();
      for (int i = 0; i < n; ++i) {
        EXPECT_EQ(left.len(), 0u) << "released too soon";
        leave.done();
      }
      for (int i = 0; i < n; ++i) left.recv();
    }
  });
}

// SY-11
TEST_P(SyncWaitGroup, SY11_OneDoneTooManyPanics) {
  run([] {
    goro::wait_group wg;
    const auto done = [&] {
      wg.done();
      return 0;
    };
    wg.add();
    EXPECT_EQ(panic_of(done), "no panic");
    EXPECT_EQ(panic_of(done), "sync: negative WaitGroup counter");
  });
}

// Y9
TEST_P(SyncWaitGroup, Y9_NegativeAddAndAnOverflowPanic) {
  run([] {
    goro::wait_group below;
    EXPECT_EQ(panic_of([&] {
                below.add(-1);
                return 0;
              }),
              "sync: negative WaitGroup counter");
    goro::wait_group above;
    above.add(INT_MAX);
    EXPECT_EQ(panic_of([&] {
                above.add(1);
                return 0;
              }),
              "sync: negative WaitGroup counter");
  });
}

// SY-12
TEST_P(SyncWaitGroup, SY12_WaitNeverReturnsEarly) {
  run([] {
    for (int i = 0; i < 1000; ++i) {
      goro::wait_group wg;
      std::atomic<int> n{0};
      for (int g = 0; g < 2; ++g) {
        wg.add();
        goro::go([&] {
          n.fetch_add(1, std::memory_order_relaxed);
          wg.done();
        });
      }
      wg.wait();
      ASSERT_EQ(n, 2);
    }
  });
}

// SY-13
TEST_P(SyncWaitGroup, SY13_WorksInsideAStructAfterAByte) {
  run([] {
    struct {
      char byte = 'x';
      goro::wait_group wg;
    } s;
    s.wg.add();
    goro::go([&] { s.wg.done(); });
    s.wg.wait();
    EXPECT_EQ(s.byte, 'x');
  });
}

// SY-14, HB15
TEST_P(SyncWaitGroup, SY14_FunctionsStartedByGoHaveRunWhenWaitReturns) {
  run([] {
    goro::wait_group wg;
    int ran = 0;  // not atomic
    wg.go([&] { ++ran; });
    wg.wait();
    EXPECT_EQ(ran, 1);
    std::vector<int> results(50);
    for (std::size_t i = 0; i < results.size(); ++i) {
      wg.go([&, i] {
        goro::gosched();
        results[i] = static_cast<int>(i);
      });
    }
    wg.wait();
    for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(results[i], static_cast<int>(i));
  });
}

// SY-14
TEST_P(SyncWaitGroup, SY14_FunctionThatCannotBeCopiedInIsNotCounted) {
  run([] {
    struct cannot_be_copied {
      cannot_be_copied() = default;
      cannot_be_copied(const cannot_be_copied&) { throw std::runtime_error("copy"); }
      void operator()() const { ADD_FAILURE() << "called"; }
    };
    goro::wait_group wg;
    const cannot_be_copied f;
    EXPECT_THROW(wg.go(f), std::runtime_error);
    wg.wait();
    wg.go([only_movable = std::make_unique<int>(5)] { EXPECT_EQ(*only_movable, 5); });
    wg.wait();
  });
}

// Y12
TEST_P(SyncWaitGroup, Y12_FunctionThatEndsByGoexitIsDone) {
  run([] {
    goro::wait_group wg;
    bool unwound = false;
    wg.go([&] {
      const goro::defer note{[&] { unwound = true; }};
      goro::goexit();
    });
    wg.wait();
    EXPECT_TRUE(unwound);
  });
}

// Y11, D11
TEST_P(SyncWaitGroup, Y11_AnyNumberOfWaitersAreReleasedAndTheGroupCanBeUsedAgain) {
  run([] {
    constexpr int waiters = 10;
    goro::wait_group wg;
    for (int round = 0; round < 3; ++round) {
      std::atomic<int> released{0};
      goro::wait_group all;
      wg.add(2);
      for (int i = 0; i < waiters; ++i) {
        all.go([&] {
          wg.wait();
          ++released;
        });
      }
      ASSERT_TRUE(eventually_waiting(waiters, group_wait));
      wg.done();
      for (int turn = 0; turn < 20; ++turn) goro::gosched();
      EXPECT_EQ(released, 0);
      EXPECT_EQ(count_waiting(group_wait), static_cast<std::size_t>(waiters));
      wg.done();
      all.wait();
      EXPECT_EQ(released, waiters);
      wg.wait();  // nothing to wait for
    }
  });
}

TEST_P(SyncWaitGroup, MayBeDestroyedAsSoonAsWaitHasReturned) {
  run([] {
    const int rounds = scale(5000);
    for (int i = 0; i < rounds; ++i) {
      auto wg = std::make_unique<goro::wait_group>();
      int done = 0;
      wg->add();
      goro::go([&, group = wg.get()] {
        done = i + 1;
        group->done();
      });
      wg->wait();
      EXPECT_EQ(done, i + 1);
      wg.reset();
    }
  });
}

TEST_P(SyncWaitGroup, ThreadsAndGoroutinesWaitForEachOther) {
  run([] {
    for (int round = 0; round < 20; ++round) {
      goro::wait_group start;
      goro::wait_group finish;
      std::atomic<int> passed{0};
      start.add(1);
      finish.add(4);
      const auto party = [&] {
        start.wait();
        ++passed;
        finish.done();
      };
      std::thread thread_1(party);
      std::thread thread_2(party);
      goro::go(party);
      goro::go(party);
      goro::gosched();
      EXPECT_EQ(passed, 0);
      start.done();
      finish.wait();
      EXPECT_EQ(passed, 4);
      goro::blocking([&] {
        thread_1.join();
        thread_2.join();
      });
    }
  });
}

// One that comes with the last done() does not count itself: it would look like a reuse to those who return.
TEST_P(SyncWaitGroup, AWaitThatComesWithTheLastDoneDisturbsNobody) {
  run([] {
    constexpr std::size_t rounds = 5000;
    struct round {
      goro::wait_group wg;
      std::atomic<int> here{0};
    };
    std::vector<round> all(rounds);
    for (round& r : all) r.wg.add();
    const auto wait_in_each = [&] {
      for (round& r : all) {
        ++r.here;
        EXPECT_EQ(panic_of([&] { return r.wg.wait(), 0; }), "no panic");
      }
    };
    goro::wait_group ended;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      ended.go(wait_in_each);
      threads.emplace_back(wait_in_each);
    }
    for (round& r : all) {
      while (r.here < 2) goro::gosched();
      r.wg.done();
    }
    ended.wait();
    goro::blocking([&] {
      for (std::thread& t : threads) t.join();
    });
  });
}

// SY-23
TEST_P(SyncWaitGroup, SY23_ExampleFetchesSeveralAddressesAtATimeAndWaitsForAll) {
  run([] {
    goro::wait_group wg;
    const std::vector<std::string> urls{"http://one.example/", "http://two.example/", "http://three.example/"};
    std::vector<std::string> pages(urls.size());
    for (std::size_t i = 0; i < urls.size(); ++i) {
      wg.add();
      goro::go([&, i] {
        const goro::defer done{[&] { wg.done(); }};
        pages[i] = "page of " + urls[i];
      });
    }
    wg.wait();
    for (std::size_t i = 0; i < urls.size(); ++i) EXPECT_EQ(pages[i], "page of " + urls[i]);
  });
}

// On one processor nobody runs between done() and add().
TEST(SyncWaitGroupOnOne, Y10_ReuseBeforeAWaitHasReturnedPanicsInWait) {
  std::string what;
  goro::run({.max_procs = 1}, [&] {
    goro::wait_group wg;
    wg.add();
    const auto caught = goro::make_chan<std::string>();
    goro::go([&] { caught << panic_of([&] { return wg.wait(), 0; }); });
    ASSERT_TRUE(eventually_waiting(1, group_wait));
    wg.done();
    wg.add();
    what = caught.recv().value_or("");
    wg.done();
  });
  EXPECT_EQ(what, "sync: WaitGroup is reused before previous Wait has returned");
}

// A violation that comes while done() is about to wake those who wait: it is seen if the two meet. The many that wait
// keep done() busy, and the other counts up and down for as long as it takes.
TEST_P(SyncWaitGroup, Y10_AddAtTheSameTimeAsTheLastDonePanics) {
  const std::string misuse = "sync: WaitGroup misuse: Add called concurrently with Wait";
  run([&] {
    bool seen = false;
    for (int round = 0; round < 20'000 && !seen; ++round) {
      goro::wait_group wg;
      goro::wait_group ended;
      wg.add();
      for (int i = 0; i < 200; ++i)
        ended.go([&] {
          const std::string what = panic_of([&] { return wg.wait(), 0; });
          EXPECT_THAT(what, testing::AnyOf("no panic", "sync: WaitGroup is reused before previous Wait has returned"));
        });
      ASSERT_TRUE(eventually_waiting(200, group_wait));
      std::atomic<int> counted{0};
      std::atomic<bool> enough{false};
      std::string of_done;
      std::string of_other = "no panic";
      std::thread other([&] {
        while (!enough && of_other == "no panic")
          of_other = panic_of([&] {
            wg.add();
            wg.done();
            return ++counted;
          });
        ++counted;
      });
      goro::blocking([&] {
        while (counted == 0) std::this_thread::yield();
        of_done = panic_of([&] { return wg.done(), 0; });
        enough = true;
        other.join();
      });
      seen = of_other == misuse;
      for (const std::string& what : {of_done, of_other}) EXPECT_THAT(what, testing::AnyOf("no panic", misuse));
      while (panic_of([&] { return wg.done(), 0; }) == "no panic") {
      }
      ended.wait();
    }
    EXPECT_TRUE(seen) << "they never met";
  });
}

}  // namespace
