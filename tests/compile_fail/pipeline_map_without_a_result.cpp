// SPDX-License-Identifier: BSL-1.0
// expect: must return a value; tee\(\) and for_each\(\) take one
#include <goro/pipeline/sinks.hpp>
#include <goro/pipeline/stages.hpp>

namespace gp = goro::pipeline;

void f() {
  static_cast<void>(gp::from({1}) | gp::map([](int x) { return x; }));
#ifdef MISUSE
  static_cast<void>(gp::from({1}) | gp::map([](int) {}));
#endif
}
