// SPDX-License-Identifier: BSL-1.0
// expect: must be callable with an element as an rvalue: f\(x\) or f\(context, x\)
#include <string>

#include <goro/pipeline/stages.hpp>

namespace gp = goro::pipeline;

void f() {
  static_cast<void>(gp::from({1}) | gp::map([](int x) { return x; }));
#ifdef MISUSE
  static_cast<void>(gp::from({1}) | gp::map([](const std::string& x) { return x; }));
#endif
}
