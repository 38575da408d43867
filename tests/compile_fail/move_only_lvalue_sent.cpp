// SPDX-License-Identifier: BSL-1.0
// expect: use of deleted function|call to (implicitly-)?deleted|implicitly deleted
#include <memory>
#include <utility>

#include <goro/chan.hpp>

void f() {
  const auto c = goro::make_chan<std::unique_ptr<int>>(2);
  auto p = std::make_unique<int>(1);
  c.send(std::move(p));
#ifdef MISUSE
  c.send(p);
#endif
}
