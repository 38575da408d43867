// SPDX-License-Identifier: BSL-1.0
// expect: begin
#include <goro/chan.hpp>

void f() {
  const goro::send_chan<int> s = goro::make_chan<int>(1);
#ifdef MISUSE
  for (int v : s) static_cast<void>(v);
#endif
}
