// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <system_error>

namespace goro::detail {

[[nodiscard]] std::error_code exceeds_burst(std::int64_t n, std::int64_t burst);
[[nodiscard]] std::error_code exceeds_deadline(std::int64_t n) noexcept;

}  // namespace goro::detail
