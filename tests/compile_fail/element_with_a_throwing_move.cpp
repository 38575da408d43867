// SPDX-License-Identifier: BSL-1.0
// expect: T must have a nothrow move constructor
#include <goro/chan.hpp>

struct may_throw {
  may_throw() = default;
  may_throw(may_throw&&) noexcept(false) {}
};

struct does_not {
  does_not() = default;
  does_not(does_not&&) noexcept {}
};

void f() {
  static_cast<void>(goro::make_chan<does_not>());
#ifdef MISUSE
  static_cast<void>(goro::make_chan<may_throw>());
#endif
}
