// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <ctime>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>
#include <goro/time.hpp>

#include "rows.hpp"

namespace {

using namespace std::chrono_literals;

// How late, on average, a goroutine runs after a timer has sent to it, while a goroutine that makes no call spins on
// every processor. Every wake-up gets fresh hogs: one that has lost its processor to the monitor holds none any more.
double hog_wake(int n) {
  constexpr auto delay = 1ms;
  wall_clock::duration late{};
  for (int i = 0; i < n; ++i) {
    std::atomic<bool> stop{false};
    goro::wait_group hogs;
    for (int p = 0; p < goro::gomaxprocs(); ++p) {
      hogs.add();
      goro::go([&] {
        while (!stop.load()) {
        }
        hogs.done();
      });
    }
    const auto due = wall_clock::now() + delay;
    (void)goro::after(delay).recv();
    late += wall_clock::now() - due;
    stop.store(true);
    hogs.wait();
  }
  return milliseconds(nanoseconds(late) / n);
}

void sixty_four_callers(int calls) {
  goro::wait_group group;
  for (int g = 0; g < 64; ++g) {
    group.add();
    goro::go([&group, calls] {
      for (int i = 0; i < calls; ++i) {
        goro::blocking([] {
          const timespec time{.tv_sec = 0, .tv_nsec = 1'000'000};
          return nanosleep(&time, nullptr);
        });
      }
      group.done();
    });
  }
  group.wait();
}

// 64 goroutines make n system calls each that block for 1 ms.
double system_calls(int n) {
  sixty_four_callers(n / 10 + 1);
  const auto start = wall_clock::now();
  sixty_four_callers(n);
  return milliseconds(nanoseconds(wall_clock::now() - start));
}

constexpr row rows[] = {
    {"hog_wake", "ms", hog_wake},
    {"system_calls_64", "ms", system_calls},
};

}  // namespace

std::span<const row> blocking_rows() { return rows; }
