// SPDX-License-Identifier: BSL-1.0
// expect: all must be sources of the same type
#include <goro/pipeline/merge.hpp>

namespace gp = goro::pipeline;

void f() {
  static_cast<void>(gp::merge(gp::from({1}), gp::from({2})));
#ifdef MISUSE
  static_cast<void>(gp::merge(gp::from({1}), gp::from({2.5})));
#endif
}
