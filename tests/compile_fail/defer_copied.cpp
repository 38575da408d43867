// SPDX-License-Identifier: BSL-1.0
// expect: use of deleted function|call to deleted constructor
#include <goro/go.hpp>

void f() {
  const goro::defer a{[] {}};
#ifdef MISUSE
  const auto b = a;
#endif
}
