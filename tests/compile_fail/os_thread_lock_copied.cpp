// SPDX-License-Identifier: BSL-1.0
// expect: use of deleted function|call to deleted constructor
#include <goro/go.hpp>

void f() {
  const goro::os_thread_lock a;
#ifdef MISUSE
  const goro::os_thread_lock b = a;
#endif
}
