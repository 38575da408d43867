// SPDX-License-Identifier: BSL-1.0
// P1: worker pools: fixed, dynamic, with priorities, with errors, with timeouts, with statistics.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <goro/goro.hpp>
#include <goro/worker_pool.hpp>

using namespace std::chrono_literals;

// Nothing is lost, nothing is done twice.
void fixed() {
  goro::worker_pool pool(3);
  std::vector<std::atomic<int>> times_done(1000);
  std::vector<goro::future<int>> squares;
  for (int i = 0; i < 1000; ++i)
    squares.push_back(pool.submit([&times_done, i] {
      ++times_done[static_cast<std::size_t>(i)];
      return i * i;
    }));
  long sum = 0;
  for (auto& square : squares) sum += square.get();
  const auto once = std::count(times_done.begin(), times_done.end(), 1);
  std::cout << "fixed: " << pool.stats().workers << " workers, " << once << " tasks done once, sum " << sum << '\n';
}

// It grows while tasks wait, and shrinks when nobody needs it.
void dynamic() {
  goro::worker_pool pool({.min = 1, .max = 8, .idle_timeout = 2ms});
  const int before = pool.stats().workers;
  goro::wait_group at_work;
  at_work.add(8);
  const auto enough = goro::make_chan<void>();
  for (int i = 0; i < 8; ++i)
    static_cast<void>(pool.submit([&at_work, enough] {
      at_work.done();
      static_cast<void>(enough.recv());
    }));
  at_work.wait();  // for all eight: they run at the same time
  const int at_most = pool.stats().workers;
  enough.close();
  while (pool.stats().workers > 1) goro::sleep(1ms);
  std::cout << "dynamic: " << before << " worker, then " << at_most << ", then " << pool.stats().workers << '\n';
}

// The only worker is busy while they are submitted, so they queue.
void priorities() {
  goro::worker_pool pool(1);
  const auto start = goro::make_chan<void>();
  auto busy = pool.submit([start] { static_cast<void>(start.recv()); });
  while (pool.stats().running == 0) goro::gosched();
  std::string order;
  for (const auto& [priority, name] :
       {std::pair(0, "wash up"), std::pair(2, "put out the fire"), std::pair(1, "answer"), std::pair(0, "water plants"),
        std::pair(2, "call for help")})
    static_cast<void>(pool.submit({.priority = priority}, [&order, name] { order += std::string(", ") + name; }));
  start.close();
  pool.shutdown();
  std::cout << "priorities" << order << '\n';
}

void errors() {
  goro::worker_pool pool(2);
  int halves = 0;
  int failures = 0;
  std::vector<goro::future<int>> results;
  for (int i = 0; i < 10; ++i)
    results.push_back(pool.submit([i] {
      if (i % 2 != 0) throw std::invalid_argument("odd");
      return i / 2;
    }));
  for (auto& result : results) {
    try {
      halves += result.get();
    } catch (const std::invalid_argument&) {
      ++failures;
    }
  }
  std::cout << "errors: sum of halves " << halves << ", " << failures << " failed\n";
}

// One heeds its context, one does not: neither holds up the next.
void timeouts() {
  goro::worker_pool pool(1);
  const auto never = goro::make_chan<void>();
  std::vector<goro::future<void>> late;
  late.push_back(pool.submit({.timeout = 1ms}, [](const goro::context& ctx) { static_cast<void>(ctx.done().recv()); }));
  late.push_back(pool.submit({.timeout = 1ms}, [never] { static_cast<void>(never.recv()); }));
  for (auto& result : late) {
    try {
      result.get();
    } catch (const std::system_error& e) {
      std::cout << "timeouts: " << e.code().message() << '\n';
    }
  }
  std::cout << "timeouts: the next task says " << pool.submit([] { return "hello"; }).get() << '\n';
  never.close();
}

void statistics() {
  std::atomic<int> refused{0};
  const auto log = [&](const goro::worker_pool_event& event) {
    refused += event.what == goro::worker_pool_event::kind::task_refused;
  };
  goro::worker_pool pool(1, {.queue = 2, .log = log});
  goro::wait_group started;
  started.add();
  const auto go_on = goro::make_chan<void>();
  auto first = pool.submit([&] {
    started.done();
    static_cast<void>(go_on.recv());
  });
  started.wait();
  int taken = 0;
  for (int i = 0; i < 5; ++i) taken += pool.try_submit([] { goro::sleep(1ms); }).has_value();
  go_on.close();
  pool.shutdown();
  const auto s = pool.stats();
  std::cout << "statistics: " << taken << " of 5 taken, " << refused << " refused; " << s.submitted
            << " submitted = " << s.done << " done + " << s.failed << " failed + " << s.cancelled << " cancelled + "
            << s.refused << " refused\n"
            << "statistics: median " << (s.ran.p50 >= 1ms ? "at least 1 ms" : "too short") << ", maximum "
            << (s.ran.max >= s.ran.p50 ? "no less" : "less") << '\n';
}

int main() {
  return goro::run([] {
    fixed();
    dynamic();
    priorities();
    errors();
    timeouts();
    statistics();
  });
}
