// SPDX-License-Identifier: BSL-1.0
// C4: the type of a parameter says which way values go, and the compiler holds you to it.
#include <concepts>
#include <cstdio>

#include <goro/goro.hpp>

void produce_data(goro::send_chan<int> ch) {
  for (int i = 0; i < 5; ++i) ch << i;
  ch.close();
}

void consume_data(goro::recv_chan<int> ch) {
  for (int value : ch) std::printf("Received: %d\n", value);
}

template <class Ch>
concept can_receive = requires(Ch ch) { ch.recv(); };
template <class Ch>
concept can_send = requires(Ch ch) { ch << 1; };
template <class Ch>
concept can_close = requires(Ch ch) { ch.close(); };

static_assert(can_send<goro::send_chan<int>> && can_close<goro::send_chan<int>>);
static_assert(!can_receive<goro::send_chan<int>>, "a send-only channel gives nothing back");
static_assert(can_receive<goro::recv_chan<int>>);
static_assert(!can_send<goro::recv_chan<int>>, "a receive-only channel takes nothing");
static_assert(!can_close<goro::recv_chan<int>>, "closing is for the sending side");

static_assert(std::convertible_to<goro::chan<int>, goro::send_chan<int>>);
static_assert(std::convertible_to<goro::chan<int>, goro::recv_chan<int>>);
static_assert(!std::convertible_to<goro::send_chan<int>, goro::chan<int>>, "a direction once given up stays so");
static_assert(!std::convertible_to<goro::recv_chan<int>, goro::send_chan<int>>);

int main() {
  return goro::run([] {
    auto ch = goro::make_chan<int>();
    goro::go(produce_data, ch);
    consume_data(ch);
  });
}
