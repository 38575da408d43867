// SPDX-License-Identifier: BSL-1.0
// G3: the pipeline again, its stages as functions whose parameters show which way the values go.
#include <cstdio>

#include <goro/goro.hpp>

void counter(goro::send_chan<int> out) {
  for (int x = 0; x < 100; ++x) out << x;
  out.close();
}

void squarer(goro::send_chan<int> out, goro::recv_chan<int> in) {
  for (int x : in) out << x * x;
  out.close();
}

void printer(goro::recv_chan<int> in) {
  for (int x : in) std::printf("%d\n", x);
}

int main() {
  return goro::run([] {
    auto naturals = goro::make_chan<int>();
    auto squares = goro::make_chan<int>();

    goro::go(counter, naturals);
    goro::go(squarer, squares, naturals);
    printer(squares);
  });
}
