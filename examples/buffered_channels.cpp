// SPDX-License-Identifier: BSL-1.0
// C2: a buffered channel blocks its senders only when it is full, and its receivers only when it is empty.
#include <cstdio>

#include <goro/goro.hpp>

void sends_do_not_block_until_full() {
  auto ch = goro::make_chan<int>(2);
  ch << 1 << 2;
  std::printf("sent two values without a receiver: len %zu, cap %zu\n", ch.len(), ch.cap());
  std::printf("room for a third: %s\n", ch.try_send(3) ? "yes" : "no");
  int first = ch.recv().value();
  int second = ch.recv().value();
  std::printf("received %d and %d: len %zu, cap %zu\n", first, second, ch.len(), ch.cap());
}

void a_send_blocks_when_full() {
  auto ch = goro::make_chan<int>(2);
  auto full = goro::make_chan<void>();
  ch << 1 << 2;

  goro::go([=] {
    full.recv();
    std::puts("receiver: making room");
    (void)ch.recv();
  });

  std::puts("sender: blocking on a full buffer");
  full.send();
  ch << 3;
  std::puts("sender: sent");
}

void a_receive_blocks_when_empty() {
  auto ch = goro::make_chan<int>(2);
  auto empty = goro::make_chan<void>();

  goro::go([=] {
    empty.recv();
    std::puts("sender: sending 4");
    ch << 4;
  });

  std::puts("receiver: blocking on an empty buffer");
  empty.send();
  std::printf("receiver: received %d\n", ch.recv().value());
}

int main() {
  return goro::run([] {
    sends_do_not_block_until_full();
    a_send_blocks_when_full();
    a_receive_blocks_when_empty();
  });
}
