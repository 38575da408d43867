// SPDX-License-Identifier: BSL-1.0
// F3: an unbuffered channel used like a wait group: five senders, five receives; then with a done flag.
#include <atomic>
#include <cstdio>
#include <functional>

#include <goro/goro.hpp>

void print_data(int i, goro::send_chan<int> ch) {
  std::printf("%d\n", i);
  ch << 1;
}

void five_receives() {
  auto ch = goro::make_chan<int>();
  for (int i = 1; i <= 5; ++i) goro::go(print_data, i, ch);

  for (int i = 1; i <= 5; ++i) (void)ch.recv();  // this acts like wait_group::wait
  std::puts("all five have sent");
}

void count_data(std::atomic<int>& count, goro::send_chan<int> ch, goro::send_chan<bool> done) {
  ch << 1;
  if (++count == 5) done << true;
}

void done_flag() {
  auto ch = goro::make_chan<int>();
  auto done = goro::make_chan<bool>();
  std::atomic<int> count{0};
  for (int i = 1; i <= 5; ++i) goro::go(count_data, std::ref(count), ch, done);

  for (int i = 1; i <= 5; ++i) (void)ch.recv();
  bool finished = done.recv().value();  // the last of the five says so
  std::printf("count %d, done %s\n", count.load(), finished ? "true" : "false");
}

int main() {
  return goro::run([] {
    five_receives();
    done_flag();
  });
}
