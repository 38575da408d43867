// SPDX-License-Identifier: BSL-1.0
// R1: rate limiting. Requests at given times, and who lets which through: a token bucket, a leaky bucket, a fixed and a
// sliding window, each for five a second; then a reservation, a limiter for each client, and a wait.
#include <iomanip>
#include <iostream>
#include <string>
#include <vector>

#include <goro/goro.hpp>
#include <goro/rate.hpp>

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr goro::clock::time_point start{1h};

void allowed_and_refused() {
  goro::token_bucket token(5, 3);
  goro::leaky_bucket leaky(5, 3);
  goro::fixed_window fixed(3, 600ms);
  goro::sliding_window sliding(3, 600ms);
  const auto answer = [](auto& limiter, milliseconds t) { return limiter.allow(start + t) ? "allowed" : "refused"; };

  std::cout << "time    token    leaky    fixed    sliding\n";
  for (const milliseconds t :
       {0ms, 0ms, 100ms, 200ms, 300ms, 400ms, 550ms, 600ms, 600ms, 650ms, 700ms, 2000ms, 2000ms, 2000ms, 2000ms}) {
    std::cout << std::setw(4) << t.count() << " ms"
              << "  " << answer(token, t) << "  " << answer(leaky, t) << "  " << answer(fixed, t) << "  "
              << answer(sliding, t) << '\n';
  }
}

milliseconds in_ms(std::chrono::nanoseconds d) { return std::chrono::duration_cast<milliseconds>(d); }

void when_to_come_back() {
  goro::token_bucket token(5, 3);
  goro::leaky_bucket leaky(5, 3);
  std::cout << "five requests at once are to act after\n";
  for (int i = 0; i < 5; ++i)
    std::cout << std::setw(4) << in_ms(token.reserve(start).delay(start)).count() << " ms (token)" << std::setw(6)
              << in_ms(leaky.reserve(start).delay(start)).count() << " ms (leaky)\n";
  goro::reservation last = token.reserve(start, 2);
  std::cout << "two more: " << in_ms(last.delay(start)).count() << " ms";
  last.cancel(start);
  std::cout << "; cancelled, and one more: " << in_ms(token.reserve(start).delay(start)).count() << " ms\n";
  std::cout << "four at once: " << (token.reserve(start, 4).ok() ? "ok" : "never") << '\n';
}

void each_client() {
  goro::keyed<goro::token_bucket, std::string> limits(1, 2);
  for (const std::string client : {"ann", "ann", "bob", "ann", "bob", "bob"})
    std::cout << client << ' ' << (limits.allow(start, client) ? "allowed" : "refused") << '\n';
}

void waiting() {
  goro::token_bucket limiter(goro::every(10ms), 2);
  const auto begin = goro::clock::now();
  goro::wait_group wg;
  for (int i = 0; i < 5; ++i) wg.go([&] { static_cast<void>(limiter.wait(goro::context::background())); });
  wg.wait();
  const bool in_time = goro::clock::now() - begin >= 30ms;
  std::cout << "two at once and three 10 ms apart: " << (in_time ? "30 ms or more" : "too soon") << '\n';
  std::cout << limiter.wait(goro::context::background(), 3).message() << '\n';

  goro::token_bucket slow(goro::every(1h), 2);
  const auto [ctx, cancel] = goro::context::with_timeout(goro::context::background(), 1min);
  std::cout << "one: " << (slow.wait(ctx) ? "refused" : "at once") << '\n';
  std::cout << slow.wait(ctx, 2).message() << '\n';
}

int main() {
  return goro::run([] {
    allowed_and_refused();
    when_to_come_back();
    each_client();
    waiting();
  });
}
