// SPDX-License-Identifier: BSL-1.0
// expect: no member named .recv.
#include <goro/chan.hpp>

void f() {
  const goro::send_chan<int> s = goro::make_chan<int>(1);
  s.send(1);
#ifdef MISUSE
  static_cast<void>(s.recv());
#endif
}
