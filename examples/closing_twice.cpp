// SPDX-License-Identifier: BSL-1.0
// C7: a channel is closed once. The second close panics, and a panic that nobody catches ends the program.
#include <goro/goro.hpp>

int main() {
  return goro::run([] {
    auto ch = goro::make_chan<int>();
    ch.close();
    ch.close();
  });
}
