// SPDX-License-Identifier: BSL-1.0
// F1: nobody waits for the goroutine. When main returns the program is over, whoever has not had a turn yet.
#include <cstdio>

#include <goro/goro.hpp>

void hello_world() { std::puts("Hello World!"); }
void good_bye() { std::puts("Good Bye!"); }

int main() {
  return goro::run({.max_procs = 1}, [] {  // with more, another processor might be quick enough
    goro::go(hello_world);
    good_bye();
  });
}
