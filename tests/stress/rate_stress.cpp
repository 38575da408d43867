// SPDX-License-Identifier: BSL-1.0
// Limiters that goroutines and threads ask, wait for and cancel: never more than the limit times the time and the burst.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include <goro/rate.hpp>

#include "stress.hpp"

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t burst = 20;

double seconds_since(goro::clock::time_point t) {
  return std::chrono::duration<double>(goro::clock::now() - t).count();
}

/// Asks from all sides; how many were let through.
template <class Ask>
std::int64_t ask_from_all_sides(stress::choices& pick, Ask ask) {
  std::atomic<std::int64_t> allowed{0};
  const auto work = [&](stress::choices p) {
    for (int i = p.between(1, 300); i > 0; --i) {
      allowed += ask(p);
      if (p.one_in(30)) goro::sleep(std::chrono::microseconds(p.between(0, 300)));
    }
  };
  goro::wait_group wg;
  for (int g = pick.between(1, 8); g > 0; --g) wg.go([&, p = pick.fork()] { work(p); });
  std::vector<std::thread> threads;
  for (int t = pick.between(0, 2); t > 0; --t) threads.emplace_back(work, pick.fork());
  wg.wait();
  goro::blocking([&] {
    for (auto& t : threads) t.join();
  });
  return allowed;
}

/// n if they were let through, by one call or another. With cancels only if there is a rate: or reservations are refused.
template <class Limiter>
std::int64_t ask_once(Limiter& limiter, stress::choices& p, bool with_cancels) {
  const std::int64_t n = p.between(0, 4);
  switch (p.between(0, with_cancels ? 3 : 1)) {
    case 0:
    case 1: return limiter.allow(n) ? n : 0;
    case 2: {
      auto [ctx, cancel] =
          goro::context::with_timeout(goro::context::background(), std::chrono::microseconds(p.between(0, 2000)));
      return limiter.wait(ctx, n) ? 0 : n;
    }
    default: {
      auto r = limiter.reserve(n);
      STRESS_CHECK(r.ok());
      if (r.delay() == 0ns) return n;
      r.cancel();
      return 0;
    }
  }
}

/// `in` is how many may come through in so many seconds.
template <class Limiter, class Allowance>
void check_limit(stress::choices& pick, Limiter& limiter, bool with_cancels, Allowance in) {
  const auto start = goro::clock::now();
  const std::int64_t allowed =
      ask_from_all_sides(pick, [&](stress::choices& p) { return ask_once(limiter, p, with_cancels); });
  STRESS_CHECK(static_cast<double>(allowed) <= in(seconds_since(start)) + 1e-6);
}

void many_clients(stress::choices& pick) {
  const auto room = static_cast<std::size_t>(pick.between(1, 50));
  goro::keyed<goro::token_bucket, int> limits(1000, burst, room);
  std::vector<std::atomic<std::int64_t>> allowed(60);
  const auto start = goro::clock::now();
  ask_from_all_sides(pick, [&](stress::choices& p) {
    const int client = p.between(0, 59);
    const std::int64_t n = p.between(0, 4);
    if (p.one_in(5)) {
      auto r = limits.reserve(client, n);
      if (r.delay() > 0ns || p.one_in(2)) {
        r.cancel();
        return 0;
      }
    } else if (!limits.allow(client, n)) {
      return 0;
    }
    allowed[static_cast<std::size_t>(client)] += n;
    return 0;
  });
  STRESS_CHECK(limits.size() <= room);
  const double most = 1000 * seconds_since(start) + burst;
  for (const auto& n : allowed) STRESS_CHECK(static_cast<double>(n) <= most);
}

void change_all_the_time(stress::choices& pick) {
  goro::token_bucket limiter(1000, burst);
  const auto start = goro::clock::now();
  const std::int64_t allowed = ask_from_all_sides(pick, [&](stress::choices& p) -> std::int64_t {
    if (p.one_in(5)) limiter.set_limit(p.between(0, 1000));
    if (p.one_in(5)) limiter.set_burst(p.between(4, burst));
    const std::int64_t n = p.between(0, 4);
    return limiter.allow(n) ? n : 0;
  });
  STRESS_CHECK(static_cast<double>(allowed) <= 1000 * seconds_since(start) + burst);
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("rate", argc, argv, [](stress::choices& pick) {
    const double rate = pick.between(0, 20) * 1000.0;
    const auto window = std::chrono::microseconds(pick.between(100, 20'000));
    const auto of_bucket = [&](double s) { return rate * s + burst; };
    const auto of_windows = [&](double s) {
      return static_cast<double>(burst) * (s / std::chrono::duration<double>(window).count() + 1);
    };
    switch (pick.between(0, 5)) {
      case 0: {
        goro::token_bucket limiter(rate, burst);
        return check_limit(pick, limiter, rate > 0, of_bucket);
      }
      case 1: {
        goro::leaky_bucket limiter(rate, burst);
        return check_limit(pick, limiter, rate > 0, of_bucket);
      }
      case 2: {
        goro::fixed_window limiter(burst, window);
        return check_limit(pick, limiter, true, [&](double s) { return of_windows(s) + burst; });
      }
      case 3: {
        goro::sliding_window limiter(burst, window);
        return check_limit(pick, limiter, true, of_windows);
      }
      case 4: return change_all_the_time(pick);
      default: return many_clients(pick);
    }
  });
}
