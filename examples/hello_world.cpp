// SPDX-License-Identifier: BSL-1.0
// G2: main waits on an unbuffered channel until the goroutine has spoken.
#include <iostream>

#include <goro/goro.hpp>

int main() {
  return goro::run([] {
    auto done = goro::make_chan<void>();

    goro::go([=] {
      std::cout << "Hello, World!\n";
      done.send();  // signal completion
    });

    done.recv();  // wait for it
  });
}
