// SPDX-License-Identifier: BSL-1.0
// expect: no matching function for call to .select
#include <goro/chan.hpp>
#include <goro/select.hpp>

void f() {
  goro::select(goro::otherwise);
#ifdef MISUSE
  goro::select(1, goro::otherwise);
#endif
}
