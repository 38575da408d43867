// SPDX-License-Identifier: BSL-1.0
// Goroutines and threads that want one mutex; who holds it yields, sleeps, computes or spawns. Some wait so long that
// the lock goes from hand to hand. Nobody is let in beside another, and everybody gets in.
#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>
#include <vector>

#include "stress.hpp"

namespace {

using namespace std::chrono_literals;

/// What goes on while a lock is held, or between two locks.
void dawdle(stress::choices& p, bool on_a_thread) {
  switch (p.between(0, 9)) {
    case 0: stress::spin_for(std::chrono::microseconds(p.between(0, 50))); break;
    case 1: goro::sleep(std::chrono::microseconds(p.between(0, 100))); break;
    case 2:
      if (p.one_in(20)) goro::sleep(std::chrono::microseconds(1500));  // somebody starves
      break;
    case 3:
    case 4:
    case 5:
    case 6:
      if (on_a_thread) {
        std::this_thread::yield();
      } else {
        goro::gosched();
      }
      break;
    default: break;
  }
}

void want_one_mutex(stress::choices& pick) {
  goro::mutex mu;
  std::int64_t turns = 0;        // guarded by mu
  std::atomic<int> inside{0};
  std::atomic<std::int64_t> expected{0};
  const auto work = [&](stress::choices& p, bool on_a_thread) {
    for (int i = p.between(1, 200); i > 0; --i) {
      std::unique_lock lock(mu, std::defer_lock);
      if (p.one_in(10)) {
        if (!lock.try_lock()) continue;
      } else {
        lock.lock();
      }
      STRESS_CHECK(inside.fetch_add(1) == 0);
      ++turns;
      expected.fetch_add(1, std::memory_order_relaxed);
      dawdle(p, on_a_thread);
      STRESS_CHECK(inside.fetch_sub(1) == 1);
      lock.unlock();
      if (p.one_in(2)) dawdle(p, on_a_thread);
    }
  };
  goro::wait_group wg;
  for (int g = pick.between(2, pick.one_in(3) ? 64 : 6); g > 0; --g)
    wg.go([&, p = pick.fork()]() mutable { work(p, false); });
  std::vector<std::thread> threads;
  for (int t = pick.between(0, 2); t > 0; --t) threads.emplace_back([&, p = pick.fork()]() mutable { work(p, true); });
  wg.wait();
  goro::blocking([&] {
    for (std::thread& t : threads) t.join();
  });
  STRESS_CHECK(mu.try_lock());
  STRESS_CHECK(turns == expected);
  mu.unlock();
}

}  // namespace

int main(int argc, char** argv) { return stress::main("mutex", argc, argv, want_one_mutex); }
