// SPDX-License-Identifier: BSL-1.0
// C3: channels put goroutines in order: one signal, one from each of several, a stream until it is closed.
#include <cstdio>
#include <string>

#include <goro/goro.hpp>

void wait_for_one() {
  auto done = goro::make_chan<void>();
  goro::go([=] {
    std::puts("Working...");
    done.send();
  });
  done.recv();
  std::puts("Finished");
}

void wait_for_several() {
  constexpr int num_goroutines = 3;
  auto done = goro::make_chan<int>(num_goroutines);
  for (int id = 1; id <= num_goroutines; ++id) goro::go([=] { done << id; });

  int sum = 0;
  for (int i = 0; i < num_goroutines; ++i) sum += done.recv().value();
  std::printf("All %d goroutines are complete, their ids add up to %d\n", num_goroutines, sum);
}

void range_over_a_stream() {
  auto data = goro::make_chan<std::string>();
  goro::go([=] {
    goro::defer close{[&] { data.close(); }};
    for (int i = 0; i < 5; ++i) data << "hello " + std::to_string(i);
  });

  for (const auto& value : data) std::printf("Received value: %s\n", value.c_str());
  std::puts("The stream has ended");
}

int main() {
  return goro::run([] {
    wait_for_one();
    wait_for_several();
    range_over_a_stream();
  });
}
