// SPDX-License-Identifier: BSL-1.0
// expect: no matching function for call to .recv
#include <goro/chan.hpp>
#include <goro/select.hpp>

void f() {
  const goro::send_chan<int> s = goro::make_chan<int>(1);
  goro::select(goro::send(s, 1), goro::otherwise);
#ifdef MISUSE
  goro::select(goro::recv(s), goro::otherwise);
#endif
}
