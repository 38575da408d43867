// SPDX-License-Identifier: BSL-1.0
// expect: must return a std::optional<T>; std::nullopt is the end
#include <goro/pipeline/source.hpp>

namespace gp = goro::pipeline;

void f() {
  static_cast<void>(gp::generate([] { return std::optional<int>(1); }));
#ifdef MISUSE
  static_cast<void>(gp::generate([] { return 1; }));
#endif
}
