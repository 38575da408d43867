// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>

#include "common/row.hpp"

std::span<const row> fiber_rows();
std::span<const row> channel_rows();
std::span<const row> program_rows();
std::span<const row> sync_rows();
std::span<const row> fork_join_rows();
