// SPDX-License-Identifier: BSL-1.0
// expect: the elements cannot be copied: std::move the range
#include <memory>
#include <vector>

#include <goro/pipeline/source.hpp>

namespace gp = goro::pipeline;

void f(std::vector<std::unique_ptr<int>> owned) {
#ifdef MISUSE
  static_cast<void>(gp::from(owned));
#endif
  static_cast<void>(gp::from(std::move(owned)));
}
