// SPDX-License-Identifier: BSL-1.0
// F4: three ways to block for ever. Usage: deadlocks [alone | send_first | receiver_too_late]
#include <cstdio>
#include <string_view>

#include <goro/goro.hpp>

void alone() {
  auto ch = goro::make_chan<int>();
  ch << 2;
}

void send_first() {
  auto c = goro::make_chan<int>();  // unbuffered
  c << 17;                          // waits for the receive in the next line, which waits for this one
  std::printf("%d\n", c.recv().value());
}

void receiver_too_late() {
  auto ch = goro::make_chan<int>();
  ch << 1;  // there is no receiver until now
  goro::go([=] { std::printf("%d\n", ch.recv().value()); });
}

int main(int argc, char** argv) {
  const std::string_view stage = argc > 1 ? argv[1] : "alone";
  return goro::run([&] {
    if (stage == "alone") return alone();
    if (stage == "send_first") return send_first();
    if (stage == "receiver_too_late") return receiver_too_late();
    std::fprintf(stderr, "deadlocks: no such stage: %s\n", argv[1]);
  });
}
