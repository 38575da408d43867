// SPDX-License-Identifier: BSL-1.0
// G1: the go statement, and three reasons to close a channel: completion, a broadcast, leaving a loop.
#include <cstdio>

#include <goro/goro.hpp>

void do_something(goro::send_chan<void> done) {
  std::puts("Doing something");
  done.send();
}

void start_a_goroutine() {
  auto done = goro::make_chan<void>();
  goro::go(do_something, done);
  done.recv();
}

void signal_completion() {
  auto jobs = goro::make_chan<int>(5);
  auto all_received = goro::make_chan<void>();

  goro::go([=] {
    for (int job = 1; job <= 5; ++job) jobs << job;
    jobs.close();  // no more jobs will be sent
  });
  goro::go([=] {
    for (int job : jobs) std::printf("Received job: %d\n", job);
    std::puts("All jobs received");
    all_received.close();
  });
  all_received.recv();
}

void broadcast_done() {
  auto done = goro::make_chan<void>();
  goro::wait_group workers;
  for (int i = 0; i < 3; ++i) {
    workers.go([=] {
      done.recv();
      std::puts("Received done signal");
    });
  }
  done.close();  // wakes every goroutine that waits for it
  workers.wait();
}

void leave_a_loop() {
  auto data = goro::make_chan<int>();
  goro::go([=] {
    for (int i = 0; i < 10; ++i) data << i;
    data.close();
  });
  for (int num : data) std::printf("%d\n", num);
  std::puts("No more data");
}

int main() {
  return goro::run([] {
    start_a_goroutine();
    signal_completion();
    broadcast_done();
    leave_a_loop();
  });
}
