// SPDX-License-Identifier: BSL-1.0
// expect: otherwise may stand only once
#include <goro/chan.hpp>
#include <goro/select.hpp>

void f() {
  goro::select(goro::otherwise);
#ifdef MISUSE
  goro::select(goro::otherwise, goro::otherwise);
#endif
}
