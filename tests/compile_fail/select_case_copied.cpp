// SPDX-License-Identifier: BSL-1.0
// expect: use of deleted function|call to (implicitly-)?deleted|implicitly deleted
#include <goro/chan.hpp>
#include <goro/select.hpp>

void f() {
  const auto c = goro::make_chan<int>();
  goro::select_case a = goro::recv(c);
  goro::select_case b = static_cast<goro::select_case&&>(a);
#ifdef MISUSE
  goro::select_case d = b;
#endif
}
