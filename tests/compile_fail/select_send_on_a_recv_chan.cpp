// SPDX-License-Identifier: BSL-1.0
// expect: no matching function for call to .send
#include <goro/chan.hpp>
#include <goro/select.hpp>

void f() {
  const goro::recv_chan<int> r = goro::make_chan<int>(1);
  goro::select(goro::recv(r), goro::otherwise);
#ifdef MISUSE
  goro::select(goro::send(r, 1), goro::otherwise);
#endif
}
