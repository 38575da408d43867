// SPDX-License-Identifier: BSL-1.0
// expect: no member named .try_send.
#include <goro/chan.hpp>

void f() {
  const goro::recv_chan<int> r = goro::make_chan<int>(1);
#ifdef MISUSE
  static_cast<void>(r.try_send(1));
#endif
}
