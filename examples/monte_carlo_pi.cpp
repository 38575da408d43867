// SPDX-License-Identifier: BSL-1.0
// F9: π from random points, first in one goroutine, then with all processors.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <random>

#include <goro/goro.hpp>
#include <goro/parallel.hpp>

constexpr int parts = 64;
constexpr std::int64_t points_a_part = 100'000;

/// How many of the points of this part lie in the circle: the same ones however the parts are run.
std::int64_t hits(int part) {
  std::minstd_rand random(static_cast<unsigned>(part) + 1);
  std::uniform_real_distribution<double> coordinate(-1, 1);
  std::int64_t inside = 0;
  for (std::int64_t i = 0; i < points_a_part; ++i) {
    const double x = coordinate(random);
    const double y = coordinate(random);
    inside += x * x + y * y <= 1;
  }
  return inside;
}

double pi_of(std::int64_t inside) { return 4.0 * static_cast<double>(inside) / (parts * points_a_part); }

std::int64_t sequential() {
  std::int64_t inside = 0;
  for (int part = 0; part < parts; ++part) inside += hits(part);
  return inside;
}

std::int64_t parallel() { return goro::parallel_reduce(0, parts, std::int64_t{0}, std::plus<>(), hits); }

double seconds_of(std::int64_t (*f)(), std::int64_t& result) {
  const auto begin = goro::clock::now();
  result = f();
  return std::chrono::duration<double>(goro::clock::now() - begin).count();
}

int main() {
  return goro::run([] {
    std::int64_t one = 0, all = 0;
    const double sequential_time = seconds_of(sequential, one);
    const double parallel_time = seconds_of(parallel, all);
    std::printf("π is about %.3f\n", pi_of(one));
    std::printf("the same with gomaxprocs %d: %s\n", goro::gomaxprocs(), one == all ? "yes" : "no");
    std::printf("speed-up: %.2f\n", sequential_time / parallel_time);
  });
}
