// SPDX-License-Identifier: BSL-1.0
// expect: no match for .operator>>.|invalid operands to binary expression
#include <goro/chan.hpp>

void f() {
  const goro::send_chan<int> s = goro::make_chan<int>(1);
  int x = 0;
  static_cast<void>(x);
#ifdef MISUSE
  static_cast<void>(s >> x);
#endif
}
