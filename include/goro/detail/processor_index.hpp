// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

namespace goro::detail {

/// The number of the processor that the caller is on, from 0; on a plain thread that of its CPU. Good for
/// spreading load only: the caller may be on another one by the time it looks.
[[nodiscard]] std::size_t processor_index() noexcept;

}  // namespace goro::detail
