// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

namespace goro::detail {

/// Where the caller runs, for what is kept in several places.
struct place {
  std::size_t number;  // of its machine; on a plain thread, of the CPU: good for spreading load only
  bool has_biased;     // it may be the owner of the biased locks with that number
};
[[nodiscard]] place this_place() noexcept;

}  // namespace goro::detail
