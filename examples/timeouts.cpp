// SPDX-License-Identifier: BSL-1.0
// F11: timeout: for each message, for the whole conversation, and for an answer that nobody takes any more.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

/// Says so many numbers, then nothing more until done is closed.
goro::recv_chan<int> boring(int count, goro::recv_chan<void> done) {
  auto c = goro::make_chan<int>();
  goro::go([=] {
    for (int i = 0; i < count; ++i) {
      if (goro::select(goro::send(c, i), goro::recv(done)) == 1) return;
    }
    done.recv();
  });
  return c;
}

void for_each_message() {
  const auto done = goro::make_chan<void>();
  const auto c = boring(3, done);
  bool in_order = true;
  for (int expected = 0, got = 0;; ++expected) {
    if (goro::select(goro::recv(c, got), goro::recv(goro::after(50ms))) == 1) break;  // a new timer every time
    in_order = in_order && got == expected;
  }
  std::cout << "You're too slow. So far, all was in order: " << (in_order ? "yes" : "no") << '\n';
  done.close();
}

void for_the_whole_conversation() {
  const auto done = goro::make_chan<void>();
  const auto c = boring(1'000'000'000, done);
  const auto begin = goro::clock::now();
  const auto timeout = goro::after(50ms);  // one timer, outside the loop
  for (int got = 0; goro::select(goro::recv(c, got), goro::recv(timeout)) == 0;) {
  }
  const bool in_time = goro::clock::now() - begin >= 50ms;
  std::cout << "You talk too much. I listened for " << (in_time ? "50 ms" : "a moment") << '\n';
  done.close();
}

/// Whoever answers late must find room for the answer, or it waits for ever.
void moving_on() {
  const auto question_is_over = goro::make_chan<void>();
  const auto answer = goro::make_chan<int>(1);
  goro::go([=] {
    question_is_over.recv();
    answer << 42;
  });
  switch (int n = 0; goro::select(goro::recv(answer, n), goro::recv(goro::after(20ms)))) {
    case 0: std::cout << "the answer is " << n << '\n'; break;
    case 1: std::cout << "No answer; moving on.\n"; break;
  }
  question_is_over.close();
}

int main() {
  return goro::run([] {
    for_each_message();
    for_the_whole_conversation();
    moving_on();

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
