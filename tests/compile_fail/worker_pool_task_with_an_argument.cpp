// SPDX-License-Identifier: BSL-1.0
// expect: a task is called without arguments, or with a const goro::context&
#include <goro/worker_pool.hpp>

void f(goro::worker_pool& pool) {
  static_cast<void>(pool.submit([] {}));
  static_cast<void>(pool.submit([](const goro::context&) {}));
#ifdef MISUSE
  static_cast<void>(pool.submit([](int) {}));
#endif
}
