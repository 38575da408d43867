// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>

#include "common/row.hpp"

// Hot paths that the comparison with Go has no row for.
std::span<const row> own_rows();
