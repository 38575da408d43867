// SPDX-License-Identifier: BSL-1.0
// W2: a wait group waits for all workers. It is passed by reference, never copied.
#include <cstdio>
#include <functional>

#include <goro/goro.hpp>

void work(int id) {
  std::printf("Worker %d starting\n", id);
  std::printf("Worker %d done\n", id);
}

void worker(int id, goro::wait_group& wg) {
  goro::defer done{[&] { wg.done(); }};
  work(id);
}

int main() {
  return goro::run([] {
    goro::wait_group wg;

    for (int id = 1; id <= 3; ++id) {
      wg.add(1);
      goro::go(worker, id, std::ref(wg));
    }
    wg.wait();

    for (int id = 4; id <= 5; ++id) wg.go([id] { work(id); });  // the same in one call
    wg.wait();

    std::puts("All workers finished.");
  });
}
