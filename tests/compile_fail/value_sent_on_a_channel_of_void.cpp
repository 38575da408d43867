// SPDX-License-Identifier: BSL-1.0
// expect: no matching function for call to .*send|too many arguments to function call|no matching member function
#include <goro/chan.hpp>

void f() {
  const auto c = goro::make_chan<void>(1);
  c.send();
#ifdef MISUSE
  c.send(1);
#endif
}
