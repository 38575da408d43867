// SPDX-License-Identifier: BSL-1.0
// expect: use of deleted function|call to deleted constructor
#include <goro/sync/mutex.hpp>

void f() {
  goro::mutex a;
  a.lock();
  a.unlock();
#ifdef MISUSE
  goro::mutex b = a;
#endif
}
