// SPDX-License-Identifier: BSL-1.0
// expect: a source is used once: std::move it
#include <goro/pipeline/sinks.hpp>

namespace gp = goro::pipeline;

void f() {
  auto numbers = gp::from({1, 2});
#ifdef MISUSE
  static_cast<void>(numbers | gp::count());
#endif
  static_cast<void>(std::move(numbers) | gp::count());
}
