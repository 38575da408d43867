// SPDX-License-Identifier: BSL-1.0
// F11: daisy chain: a thousand gophers in a row, and each whispers to the left what it has heard on the right, and 1.
// Usage: daisy_chain [number of gophers]
#include <cstdlib>
#include <iostream>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

void whisper(goro::send_chan<int> left, goro::recv_chan<int> right) { left << 1 + right.recv().value(); }

int main(int argc, char** argv) {
  const int gophers = argc > 1 ? std::atoi(argv[1]) : 1'000;
  return goro::run([gophers] {
    const auto leftmost = goro::make_chan<int>();
    auto left = leftmost;
    auto right = leftmost;
    for (int i = 0; i < gophers; ++i) {
      right = goro::make_chan<int>();
      goro::go(whisper, left, right);
      left = right;
    }
    goro::go([right] { right << 1; });
    std::cout << leftmost.recv().value() << '\n';

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
