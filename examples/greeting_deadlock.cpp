// SPDX-License-Identifier: BSL-1.0
// C1: the greeting without a goroutine. The send waits for a receiver that cannot come: the runtime says so.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

int main() {
  return goro::run([] {
    auto greeting = goro::make_chan<std::string>();

    greeting << "Hello Go";

    std::string receiver;
    greeting >> receiver;
    std::cout << receiver << '\n';
  });
}
