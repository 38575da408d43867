// SPDX-License-Identifier: BSL-1.0
// expect: a branch is a sink, or stages that end in one
#include <goro/pipeline/broadcast.hpp>

namespace gp = goro::pipeline;

void f() {
  const auto same = [](int x) { return x; };
  static_cast<void>(gp::broadcast(gp::map(same) | gp::count()));
#ifdef MISUSE
  static_cast<void>(gp::broadcast(gp::map(same)));
#endif
}
