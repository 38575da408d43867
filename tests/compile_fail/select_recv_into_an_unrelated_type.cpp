// SPDX-License-Identifier: BSL-1.0
// expect: no matching function for call to .recv
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

void f() {
  const auto c = goro::make_chan<int>();
  std::vector<int> x;
  int n = 0;
  goro::select(goro::recv(c, n), goro::otherwise);
#ifdef MISUSE
  goro::select(goro::recv(c, x), goro::otherwise);
#endif
}
