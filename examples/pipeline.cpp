// SPDX-License-Identifier: BSL-1.0
// G3: counter -> squarer -> printer, each stage a goroutine, closing what it sends on.
#include <cstdio>

#include <goro/goro.hpp>

int main() {
  return goro::run([] {
    auto naturals = goro::make_chan<int>();
    auto squares = goro::make_chan<int>();

    goro::go([=] {  // counter
      for (int x = 0; x < 100; ++x) naturals << x;
      naturals.close();
    });

    goro::go([=] {  // squarer
      for (int x : naturals) squares << x * x;
      squares.close();
    });

    for (int x : squares) std::printf("%d\n", x);  // printer
  });
}
