// SPDX-License-Identifier: BSL-1.0
// expect: f must be callable with the arguments as rvalues
#include <goro/go.hpp>

void f() {
  goro::go([](int) {}, 1);
#ifdef MISUSE
  goro::go([](int) {}, "text");
#endif
}
