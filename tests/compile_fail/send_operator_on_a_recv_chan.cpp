// SPDX-License-Identifier: BSL-1.0
// expect: no match for .operator<<.|invalid operands to binary expression
#include <goro/chan.hpp>

void f() {
  const goro::recv_chan<int> r = goro::make_chan<int>(1);
#ifdef MISUSE
  r << 1;
#endif
}
