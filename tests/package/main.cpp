// SPDX-License-Identifier: BSL-1.0
// What a consumer of the package builds: goroutines, channels, select, a wait group and an exception that is thrown
// and caught on a goroutine's stack. Prints what tests/package expects.
#include <goro/goro.hpp>

#include <cstdio>
#include <stdexcept>

int main() {
  return goro::run([] {
    auto numbers = goro::make_chan<int>();
    auto failures = goro::make_chan<int>(1);
    goro::wait_group group;
    for (int i = 1; i <= 10; ++i) {
      group.go([=] {
        try {
          if (i % 5 == 0) throw std::runtime_error("a multiple of five");
          numbers << i;
        } catch (const std::runtime_error&) {
          failures << i;
        }
      });
    }
    goro::go([&] {
      group.wait();
      numbers.close();
    });
    int sum = 0;
    int failed = 0;
    for (bool open = true; open;) {
      int value = 0;
      switch (goro::select(goro::recv(numbers, value, open), goro::recv(failures, value))) {
        case 0: sum += value; break;
        case 1: failed += value; break;
      }
    }
    int late = 0;
    while (failures.try_recv(late) == goro::recv_status::ok) failed += late;
    std::printf("sum %d, failed %d\n", sum, failed);
  });
}
