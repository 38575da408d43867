// SPDX-License-Identifier: BSL-1.0
// W5: state that one goroutine owns. Readers and writers send it requests, each with a channel for the answer.
#include <atomic>
#include <iostream>
#include <map>
#include <random>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

struct read_op {
  int key;
  goro::chan<int> answer;
};

struct write_op {
  int key;
  int value;
  goro::chan<void> answer;
};

constexpr int keys = 5;
constexpr int most = 100;

int main() {
  return goro::run([] {
    const auto reads = goro::make_chan<read_op>();
    const auto writes = goro::make_chan<write_op>();
    const auto quit = goro::make_chan<void>();
    std::atomic<int> read_ops{0}, write_ops{0}, never_written{0};
    goro::wait_group wg;

    wg.go([=] {  // the owner
      std::map<int, int> state;
      read_op read;
      write_op write;
      for (;;) {
        switch (goro::select(goro::recv(reads, read), goro::recv(writes, write), goro::recv(quit))) {
          case 0: read.answer << state[read.key]; break;
          case 1:
            state[write.key] = write.value;
            write.answer.send();
            break;
          default: return;
        }
      }
    });

    auto [ctx, cancel] = goro::context::with_timeout(goro::context::background(), 100ms);
    goro::wait_group clients;
    for (int r = 0; r < 100; ++r) {
      clients.go([&, r] {
        std::minstd_rand random(r);
        while (!ctx.err()) {
          const read_op op{static_cast<int>(random() % keys), goro::make_chan<int>()};
          reads << op;
          const int value = *op.answer.recv();
          if (value < 0 || value >= most) ++never_written;
          ++read_ops;
          goro::sleep(1ms);
        }
      });
    }
    for (int w = 0; w < 10; ++w) {
      clients.go([&, w] {
        std::minstd_rand random(1000 + w);
        while (!ctx.err()) {
          const write_op op{static_cast<int>(random() % keys), static_cast<int>(random() % most),
                            goro::make_chan<void>()};
          writes << op;
          op.answer.recv();
          ++write_ops;
          goro::sleep(1ms);
        }
      });
    }
    clients.wait();
    quit.close();
    wg.wait();

    std::cout << "read: " << (read_ops > 0 ? "yes" : "no") << '\n'
              << "written: " << (write_ops > 0 ? "yes" : "no") << '\n'
              << "values that nobody wrote: " << never_written << '\n';
  });
}
