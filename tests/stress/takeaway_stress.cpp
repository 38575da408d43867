// SPDX-License-Identifier: BSL-1.0
// Goroutines that hold their processors without a call, in loops and in the system, next to those that talk: the
// processor is taken away at any moment and every message still arrives.
#include <atomic>
#include <chrono>
#include <mutex>

#include <time.h>

#include "stress.hpp"

namespace {

using namespace std::chrono_literals;

void block_in_the_system(std::chrono::microseconds duration) {
  timespec left{.tv_sec = 0, .tv_nsec = duration.count() * 1000};
  while (nanosleep(&left, &left) != 0) {
  }
}

/// Holds the processor for a while, then does something with the library, at once and without one of its own.
void hog(goro::send_chan<int> out, goro::mutex& mu, int& guarded, stress::choices pick) {
  for (int i = pick.between(1, 4); i > 0; --i) {
    const std::chrono::microseconds duration(pick.between(5'000, 25'000));
    switch (pick.between(0, 2)) {
      case 0: stress::spin_for(duration); break;
      case 1: block_in_the_system(duration); break;
      default: goro::blocking([&] { block_in_the_system(duration); }); break;
    }
    switch (pick.between(0, 4)) {
      case 0: goro::gosched(); break;
      case 1: goro::sleep(100us); break;
      case 2: {
        std::lock_guard lock(mu);
        ++guarded;
        break;
      }
      case 3: {
        goro::wait_group wg;
        wg.go([] { stress::spin_for(12ms); });
        wg.wait();
        break;
      }
      default: break;
    }
  }
  out << 1;
}

void ping_pong(int messages) {
  auto ping = goro::make_chan<int>();
  auto pong = goro::make_chan<int>();
  goro::wait_group wg;
  wg.go([=] {
    for (int v : ping) pong << v + 1;
  });
  for (int i = 0; i < messages; ++i) {
    ping << i;
    STRESS_CHECK(pong.recv() == i + 1);
  }
  ping.close();
  wg.wait();
}

void mixed_load(stress::choices& pick) {
  const int hogs = pick.between(1, 6);
  auto finished = goro::make_chan<int>();
  goro::mutex mu;
  int guarded = 0;
  goro::wait_group wg;
  for (int i = 0; i < hogs; ++i) wg.go([&, p = pick.fork()] { hog(finished, mu, guarded, p); });
  wg.go([n = pick.between(10, 2000)] { ping_pong(n); });
  wg.go([naps = pick.between(1, 10)] {
    for (int i = 0; i < naps; ++i) goro::sleep(1ms);
  });
  for (int i = 0; i < hogs; ++i) STRESS_CHECK(finished.recv() == 1);
  wg.wait();
  std::lock_guard lock(mu);
  STRESS_CHECK(guarded >= 0);
}

}  // namespace

int main(int argc, char** argv) { return stress::main("takeaway", argc, argv, mixed_load); }
