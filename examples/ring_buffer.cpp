// SPDX-License-Identifier: BSL-1.0
// F11: ring buffer: between two channels, of which the second one is buffered. When that is full the oldest value goes: a
// slow consumer gets the newest values, and the producer never waits for it.
#include <iostream>
#include <vector>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

/// Ends, and closes out, when in is closed. Nobody else may send on out.
void ring_buffer(goro::recv_chan<int> in, goro::chan<int> out) {
  for (int v : in) {
    while (!out.try_send(v)) {
      int oldest = 0;
      (void)out.try_recv(oldest);  // not recv: the consumer may have taken it meanwhile
    }
  }
  out.close();
}

void without_a_consumer() {
  const auto in = goro::make_chan<int>();
  const auto out = goro::make_chan<int>(4);
  goro::wait_group ring;
  ring.go([=] { ring_buffer(in, out); });
  for (int i = 0; i < 10; ++i) in << i;
  in.close();
  ring.wait();
  std::cout << "sent 0 to 9, left:";
  for (int v : out) std::cout << ' ' << v;
  std::cout << '\n';
}

void with_a_slow_consumer() {
  constexpr int count = 1000;
  const auto in = goro::make_chan<int>();
  const auto out = goro::make_chan<int>(4);
  const auto all_sent = goro::make_chan<void>();
  goro::go(ring_buffer, in, out);
  goro::go([=] {
    for (int i = 0; i < count; ++i) in << i;
    in.close();
    all_sent.close();
  });

  std::vector<int> seen;
  for (int i = 0; i < 3; ++i) seen.push_back(out.recv().value());
  all_sent.recv();  // the consumer takes nothing meanwhile
  for (int v : out) seen.push_back(v);

  bool in_order = true;
  for (std::size_t i = 1; i < seen.size(); ++i) in_order = in_order && seen[i - 1] < seen[i];
  std::cout << "the consumer stops, the producer goes on\n"
            << "in order: " << (in_order ? "yes" : "no") << '\n'
            << "the newest is there: " << (seen.back() == count - 1 ? "yes" : "no") << '\n'
            << "dropped: " << (seen.size() < count ? "some" : "none") << '\n';
}

int main() {
  return goro::run([] {
    without_a_consumer();
    with_a_slow_consumer();

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
