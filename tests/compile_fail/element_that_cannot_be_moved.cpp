// SPDX-License-Identifier: BSL-1.0
// expect: T must have a nothrow move constructor
#include <mutex>

#include <goro/chan.hpp>

void f() {
#ifdef MISUSE
  static_cast<void>(goro::make_chan<std::mutex>());
#endif
}
