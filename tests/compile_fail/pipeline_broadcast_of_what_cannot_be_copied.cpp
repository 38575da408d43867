// SPDX-License-Identifier: BSL-1.0
// expect: branches get copies of each element, and this type has none
#include <memory>

#include <goro/pipeline/broadcast.hpp>

namespace gp = goro::pipeline;

void f(std::vector<std::shared_ptr<int>> shared, [[maybe_unused]] std::vector<std::unique_ptr<int>> owned) {
  static_cast<void>(gp::from(std::move(shared)) | gp::broadcast(gp::count()));
#ifdef MISUSE
  static_cast<void>(gp::from(std::move(owned)) | gp::broadcast(gp::count()));
#endif
}
