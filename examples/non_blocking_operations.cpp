// SPDX-License-Identifier: BSL-1.0
// C6: a receive and a send that do not wait, and a loop over data and quit that stays responsive.
#include <cstdio>
#include <optional>

#include <goro/goro.hpp>

void non_blocking_receive(goro::recv_chan<int> messages) {
  int msg = 0;
  switch (goro::select(goro::recv(messages, msg), goro::otherwise)) {
    case 0: std::printf("Received message: %d\n", msg); break;
    case 1: std::puts("No messages available."); break;
  }
}

void non_blocking_send(goro::send_chan<int> messages) {
  switch (goro::select(goro::send(messages, 1), goro::otherwise)) {
    case 0: std::puts("Message sent."); break;
    case 1: std::puts("No receiver is ready."); break;
  }
}

void multi_way(goro::recv_chan<int> data, goro::recv_chan<void> quit, goro::send_chan<void> stopped) {
  for (bool running = true; running;) {
    goro::select(goro::recv(data, [](std::optional<int> d) { std::printf("Data received: %d\n", *d); }),
                 goro::recv(quit, [&] { running = false; }),
                 goro::otherwise([] { goro::gosched(); }));  // nothing yet: let others go on
  }
  std::puts("Stopping...");
  stopped.send();
}

int main() {
  return goro::run([] {
    non_blocking_receive(goro::make_chan<int>());
    non_blocking_send(goro::make_chan<int>());

    auto data = goro::make_chan<int>();
    auto quit = goro::make_chan<void>();
    auto stopped = goro::make_chan<void>();
    goro::go(multi_way, data, quit, stopped);

    for (int i = 0; i < 5; ++i) data << i;
    quit.send();
    stopped.recv();
  });
}
