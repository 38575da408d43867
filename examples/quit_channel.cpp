// SPDX-License-Identifier: BSL-1.0
// F11: quit: the listener says when it is over, to one speaker, with an answer, and to all of them at once.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

goro::recv_chan<std::string> boring(std::string who, goro::chan<std::string> quit) {
  auto c = goro::make_chan<std::string>();
  goro::go([=] {
    for (int i = 0;; ++i) {
      if (goro::select(goro::send(c, who + ' ' + std::to_string(i)), goro::recv(quit)) == 1) {
        std::cout << who << " cleans up\n";
        quit << "See you!";
        return;
      }
    }
  });
  return c;
}

/// "Bye!" and its answer: what comes after it finds everything cleaned up.
void one_who_answers() {
  const auto quit = goro::make_chan<std::string>();
  const auto c = boring("Joe", quit);
  for (int i = 0; i < 4; ++i) std::cout << c.recv().value() << '\n';
  quit << "Bye!";
  const std::string answer = quit.recv().value();
  std::cout << "Joe says: " << answer << '\n';
}

/// A closed channel is received from by all who wait for it, and by all who come later.
void all_at_once() {
  const auto quit = goro::make_chan<void>();
  const auto c = goro::make_chan<int>();
  goro::wait_group speakers;
  for (int i = 0; i < 100; ++i)
    speakers.go([=] {
      while (goro::select(goro::send(c, i), goro::recv(quit)) == 0) {
      }
    });
  for (int i = 0; i < 1000; ++i) (void)c.recv();
  quit.close();
  speakers.wait();
  std::cout << "a hundred were told by one close\n";
}

int main() {
  return goro::run([] {
    one_who_answers();
    all_at_once();

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
