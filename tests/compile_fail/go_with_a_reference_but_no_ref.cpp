// SPDX-License-Identifier: BSL-1.0
// expect: f must be callable with the arguments as rvalues
#include <functional>

#include <goro/go.hpp>

void increment(int& n) { ++n; }

void f() {
  static int n = 0;
  goro::go(increment, std::ref(n));
#ifdef MISUSE
  goro::go(increment, n);
#endif
}
