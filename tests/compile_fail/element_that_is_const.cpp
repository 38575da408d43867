// SPDX-License-Identifier: BSL-1.0
// expect: T must be a non-const object type or void
#include <goro/chan.hpp>

void f() {
  static_cast<void>(goro::make_chan<int>());
#ifdef MISUSE
  static_cast<void>(goro::make_chan<const int>());
#endif
}
