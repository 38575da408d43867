// SPDX-License-Identifier: BSL-1.0
// S1: benchmarking concurrent code: it runs more and more often, until that takes long enough to be measured.
#include <cstdio>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

/// f(n) is to do n operations.
template <class F>
void benchmark(const char* name, F f) {
  for (long n = 1;; n *= 2) {
    const auto begin = goro::clock::now();
    f(n);
    const auto elapsed = goro::clock::now() - begin;
    if (elapsed < 20ms) continue;
    std::printf("%s %ld %.1f ns/op\n", name, n, static_cast<double>(elapsed.count()) / static_cast<double>(n));
    return;
  }
}

/// n values through a channel.
void stream(long n, std::ptrdiff_t capacity) {
  const auto c = goro::make_chan<long>(capacity);
  goro::go([=] {
    for (long i = 0; i < n; ++i) c << i;
    c.close();
  });
  for (long i : c) (void)i;
}

/// There and back.
void ping_pong(long n) {
  const auto ping = goro::make_chan<long>(), pong = goro::make_chan<long>();
  goro::go([=] {
    for (long i : ping) pong << i;
  });
  for (long i = 0; i < n; ++i) {
    ping << i;
    (void)pong.recv();
  }
  ping.close();
}

/// n goroutines that do nothing.
void spawn(long n) {
  goro::wait_group wg;
  for (long i = 0; i < n; ++i) wg.go([] {});
  wg.wait();
}

int main() {
  return goro::run([] {
    benchmark("unbuffered", [](long n) { stream(n, 0); });
    benchmark("buffered", [](long n) { stream(n, 100); });
    benchmark("ping_pong", ping_pong);
    benchmark("spawn", spawn);
  });
}
