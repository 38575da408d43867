// SPDX-License-Identifier: BSL-1.0
#include <sched.h>

#include <goro/detail/place.hpp>

#include "os/barrier.hpp"
#include "sched/machine.hpp"

namespace goro::detail {

place this_place() noexcept {
  const runtime::machine* const m = runtime::this_machine();
  if (m == nullptr) [[unlikely]]
    return {static_cast<std::size_t>(::sched_getcpu()), false};
  return {m->index, runtime::asymmetric_barrier::is_cheap()};
}

}  // namespace goro::detail
