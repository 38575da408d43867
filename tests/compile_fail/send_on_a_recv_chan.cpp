// SPDX-License-Identifier: BSL-1.0
// expect: no member named .send.
#include <goro/chan.hpp>

void f() {
  const goro::recv_chan<int> r = goro::make_chan<int>(1);
  static_cast<void>(r.recv());
#ifdef MISUSE
  r.send(1);
#endif
}
