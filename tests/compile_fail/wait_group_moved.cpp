// SPDX-License-Identifier: BSL-1.0
// expect: use of deleted function|call to deleted constructor
#include <utility>

#include <goro/sync/wait_group.hpp>

void f() {
  goro::wait_group a;
  a.wait();
#ifdef MISUSE
  goro::wait_group b = std::move(a);
#endif
}
