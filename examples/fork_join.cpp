// SPDX-License-Identifier: BSL-1.0
// F1: fork a goroutine, then join it: by hoping that a second is enough, and properly, with a wait group.
#include <chrono>
#include <cstdio>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

void hello_world() { std::puts("Hello World!"); }
void good_bye() { std::puts("Good Bye!"); }

void with_a_sleep() {
  goro::go(hello_world);
  goro::sleep(1s);  // too long most of the time, too short some day
  good_bye();
}

void with_a_wait_group() {
  goro::wait_group wg;
  wg.go(hello_world);
  wg.go(good_bye);
  wg.wait();
}

int main() {
  return goro::run([] {
    with_a_sleep();
    with_a_wait_group();
  });
}
