// SPDX-License-Identifier: BSL-1.0
// Processors: changing their number, running in parallel, and sharing them with goroutines that never pause.
#include <goro/goro.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <time.h>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

struct GoProcs : on_procs {};
struct GoHog : on_procs {};
GORO_ON_PROCS(GoProcs);
GORO_ON_PROCS(GoHog);

TEST_P(GoProcs, GO04_ChangingTheNumberWhileGoroutinesAreSpawnedDoesNotHang) {
  run([] {
    const int original = goro::gomaxprocs();
    std::atomic<bool> stop{false};
    goro::wait_group wg;
    wg.go([&] {
      while (!stop) {
        wg.go([] {});
        goro::gosched();
      }
    });
    for (int i = 0; i < scale(500, 50); ++i) {
      goro::gomaxprocs(2);
      EXPECT_EQ(goro::gomaxprocs(1), 2);
      EXPECT_EQ(goro::gomaxprocs(), 1);
    }
    stop = true;
    wg.wait();
    goro::gomaxprocs(original);
  });
}

TEST_P(GoProcs, GO10_AsManyGoroutinesAsProcessorsSpinOnEachOthersProgress) {
  run([procs = static_cast<unsigned>(GetParam())] {
    for (int attempt = 0; attempt < 10; ++attempt) {
      std::atomic<unsigned> x{0};
      goro::wait_group wg;
      for (unsigned p = 0; p < procs; ++p) {
        wg.go([&x, p, procs] {
          for (unsigned round = 0; round < 3; ++round) {
            const unsigned expected = procs * round + p;
            while (x != expected) {
            }
            x = expected + 1;
          }
        });
      }
      wg.wait();
      EXPECT_EQ(x, 3 * procs);
    }
  });
}

[[gnu::noinline]] bool take_turn(std::atomic<unsigned>& x, unsigned mine, unsigned next) {
  return x.compare_exchange_strong(mine, next);
}

TEST_P(GoHog, GO13_TwoGoroutinesTakeTurnsBySpinningWithCallsInBetween) {
  run([] {
    std::atomic<unsigned> x{0};
    goro::wait_group wg;
    for (unsigned g = 0; g < 2; ++g) {
      wg.go([&x, g] {
        for (int i = 0; i < 5; ++i) {
          while (!take_turn(x, g, 1 - g)) {
          }
        }
      });
    }
    wg.wait();
    EXPECT_EQ(x, 0U);
  });
}

TEST_P(GoHog, GO13_TwoGoroutinesTakeTurnsBySpinningWithoutAnyCall) {
  run([] {
    std::atomic<unsigned> x{0};
    goro::wait_group wg;
    for (unsigned g = 0; g < 2; ++g) {
      wg.go([&x, g] {
        for (int i = 0; i < 5; ++i) {
          while (x.load(std::memory_order_relaxed) != g) {
          }
          x.store(1 - g, std::memory_order_relaxed);
        }
      });
    }
    wg.wait();
    EXPECT_EQ(x, 0U);
  });
}

TEST_P(GoHog, GO07_AGoroutineThatOnlyCountsDoesNotKeepMainFromSeeingProgress) {
  run([] {
    std::atomic<std::uint64_t> counter{0};
    std::atomic<bool> stop{false};
    goro::wait_group wg;
    wg.go([&] {
      while (!stop) ++counter;
    });
    std::uint64_t last = 0;
    for (int seen = 0; seen < 10;) {
      goro::sleep(1ms);
      const std::uint64_t now = counter;
      if (now != last) ++seen;
      last = now;
    }
    stop = true;
    wg.wait();
    EXPECT_GT(counter, 0U);
  });
}

/// How late a goroutine that sleeps 5 ms again and again wakes up, at the 99th percentile.
std::chrono::nanoseconds p99_delay_of_a_sleeper(int naps) {
  std::vector<std::chrono::nanoseconds> delays;
  for (int i = 0; i < naps; ++i) {
    const auto due = goro::clock::now() + 5ms;
    goro::sleep(5ms);
    delays.push_back(goro::clock::now() - due);
  }
  std::sort(delays.begin(), delays.end());
  return delays[delays.size() * 99 / 100];
}

template <class Hog>
std::chrono::nanoseconds best_p99_beside(Hog hog) {
  std::chrono::nanoseconds best = std::chrono::nanoseconds::max();
  goro::run({.max_procs = 1}, [&] {
    for (int attempt = 0; attempt < 5 && best > 25ms; ++attempt) {
      std::atomic<bool> stop{false};
      goro::wait_group wg;
      wg.go([&] { hog(stop); });
      best = std::min(best, p99_delay_of_a_sleeper(100));
      stop = true;
      wg.wait();
    }
  });
  return best;
}

TEST(GoHogOnOneProcessor, GO21_AnEndlessLoopDelaysASleeperByNoMoreThan25Milliseconds) {
  EXPECT_LE(best_p99_beside([](std::atomic<bool>& stop) {
              while (!stop.load(std::memory_order_relaxed)) {
              }
            }),
            25ms);
}

TEST(GoHogOnOneProcessor, GO21_ABlockingSystemCallDelaysASleeperByNoMoreThan25Milliseconds) {
  EXPECT_LE(best_p99_beside([](std::atomic<bool>&) {
              timespec left{.tv_sec = 2, .tv_nsec = 0};
              while (nanosleep(&left, &left) != 0) {
              }
            }),
            25ms);
}

GORO_CHILD(add_up_with_many_processors) {
  return goro::run([] {
    auto numbers = goro::make_chan<int>();
    goro::wait_group senders;
    for (int i = 1; i <= 1000; ++i) senders.go([=] { numbers << i; });
    goro::go([&] {
      senders.wait();
      numbers.close();
    });
    int sum = 0;
    for (int n : numbers) sum += n;
    std::printf("%d procs, sum %d\n", goro::gomaxprocs(), sum);
    return 0;
  });
}

TEST(GoBigMaxProcs, GO17_AThousandAndTwentyFourProcessorsAreAcceptedAndRun) {
  const auto child = run_child("add_up_with_many_processors", {}, {.env = {{"GORO_MAXPROCS", "1024"}}});
  EXPECT_EQ(child.exit_status, 0) << child.err;
  EXPECT_EQ(child.out, "1024 procs, sum 500500\n");
}

}  // namespace
