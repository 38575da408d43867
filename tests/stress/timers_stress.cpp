// SPDX-License-Identifier: BSL-1.0
// Sleeps, channel timers and calls in the future, stopped and reset at random: none is early, none fires twice, and a
// call runs exactly if nobody stopped it.
#include <atomic>
#include <chrono>
#include <memory>

#include "stress.hpp"

namespace {

using namespace std::chrono_literals;
using goro::clock;

std::chrono::microseconds some_time(stress::choices& pick) {
  return std::chrono::microseconds(pick.one_in(10) ? 0 : pick.between(1, 3000));
}

void sleepers(stress::choices& pick) {
  goro::wait_group wg;
  for (int i = pick.between(1, 200); i > 0; --i) {
    wg.go([p = pick.fork()]() mutable {
      for (int nap = 0; nap < 3; ++nap) {
        const auto duration = some_time(p);
        const auto start = clock::now();
        goro::sleep(duration);
        STRESS_CHECK(clock::now() - start >= duration);
      }
    });
  }
  wg.wait();
}

void channel_timers(stress::choices& pick) {
  goro::wait_group wg;
  for (int i = pick.between(1, 100); i > 0; --i) {
    wg.go([p = pick.fork()]() mutable {
      const auto duration = some_time(p);
      const auto start = clock::now();
      const auto timer = goro::after(duration);
      STRESS_CHECK(timer.len() == 0 && timer.cap() == 0);
      if (p.one_in(3)) return;  // dropped: the timer goes with its channel
      const auto fired = timer.recv();
      STRESS_CHECK(fired.has_value());
      STRESS_CHECK(*fired >= start + duration && *fired <= clock::now());
    });
  }
  wg.wait();
}

/// Each call either ran exactly once or was prevented by the one stop() that said so.
void calls(stress::choices& pick) {
  struct call {
    std::atomic<int> ran{0};
    std::atomic<int> prevented{0};
  };
  const int n = pick.between(1, 200);
  goro::wait_group wg;
  for (int i = 0; i < n; ++i) {
    wg.go([p = pick.fork()]() mutable {
      auto c = std::make_shared<call>();
      const auto duration = some_time(p);
      const auto start = clock::now();
      goro::timer timer = goro::after_func(duration, [c, start, duration, kept = stress::counted()] {
        STRESS_CHECK(clock::now() - start >= duration);
        ++c->ran;
      });
      STRESS_CHECK(!timer.c);
      goro::sleep(some_time(p));
      goro::wait_group stoppers;
      for (int s = 0; s < 2; ++s) {
        stoppers.go([&] {
          if (timer.stop()) ++c->prevented;
        });
      }
      stoppers.wait();
      STRESS_CHECK(c->prevented <= 1);
      if (c->prevented == 0) {
        while (c->ran == 0) goro::gosched();
      }
      goro::gosched();
      STRESS_CHECK(c->ran + c->prevented == 1);
    });
  }
  wg.wait();
}

void resets(stress::choices& pick) {
  goro::wait_group wg;
  for (int i = pick.between(1, 30); i > 0; --i) {
    wg.go([p = pick.fork()]() mutable {
      auto ran = std::make_shared<std::atomic<int>>(0);
      goro::timer timer = goro::after_func(some_time(p), [ran] { ++*ran; });
      int started = 1;
      for (int r = p.between(1, 10); r > 0; --r) {
        if (p.one_in(2)) goro::sleep(some_time(p));
        if (!timer.reset(some_time(p))) ++started;  // it had been started: this is one call more
      }
      if (timer.stop()) --started;
      while (*ran != started) goro::gosched();
      goro::gosched();
      STRESS_CHECK(*ran == started);
    });
  }
  wg.wait();
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("timers", argc, argv, [](stress::choices& pick) {
    switch (pick.between(0, 3)) {
      case 0: return sleepers(pick);
      case 1: return channel_timers(pick);
      case 2: return calls(pick);
      default: return resets(pick);
    }
  });
}
