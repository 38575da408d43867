// SPDX-License-Identifier: BSL-1.0
// W3: fifty goroutines count to a thousand each, on one atomic counter.
#include <atomic>
#include <cstdint>
#include <iostream>

#include <goro/goro.hpp>

int main() {
  return goro::run([] {
    std::atomic<std::uint64_t> ops{0};
    goro::wait_group wg;

    for (int i = 0; i < 50; ++i) {
      wg.go([&] {
        for (int c = 0; c < 1000; ++c) ++ops;
      });
    }
    wg.wait();

    std::cout << "ops: " << ops << '\n';
  });
}
