// SPDX-License-Identifier: BSL-1.0
// C7: closing says that no more values follow. It ends a loop, ends a pipeline stage by stage, loses nothing.
#include <iostream>

#include <goro/goro.hpp>

void signal_completion() {
  auto ch = goro::make_chan<int>();
  goro::go([=] {
    for (int i = 0; i < 3; ++i) ch << i;
    ch.close();
  });
  for (int value : ch) std::cout << "received " << value << '\n';
  std::cout << "completed\n";
}

void producer(goro::send_chan<int> out) {
  for (int i = 0; i < 10; ++i) out << i;
  out.close();
}

void filter(goro::recv_chan<int> in, goro::send_chan<int> out) {
  for (int value : in) {
    if (value % 2 == 0) out << value;
  }
  out.close();
}

void pipeline() {
  auto numbers = goro::make_chan<int>();
  auto even = goro::make_chan<int>();
  goro::go(producer, numbers);
  goro::go(filter, numbers, even);
  for (int value : even) std::cout << "even " << value << '\n';
}

void a_closed_channel_still_drains() {
  auto ch = goro::make_chan<int>(2);
  ch << 7 << 8;
  ch.close();
  for (int i = 0; i < 3; ++i) {
    int value = -1;
    bool ok = ch >> value;
    std::cout << std::boolalpha << "value " << value << ", ok " << ok << '\n';
  }
}

int main() {
  return goro::run([] {
    signal_completion();
    pipeline();
    a_closed_channel_still_drains();
  });
}
