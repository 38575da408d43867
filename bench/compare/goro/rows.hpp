// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>

#include "common/row.hpp"

std::span<const row> goroutine_rows();
std::span<const row> channel_rows();
std::span<const row> select_rows();
std::span<const row> program_rows();
std::span<const row> memory_rows();
std::span<const row> blocking_rows();
std::span<const row> sync_rows();
std::span<const row> time_rows();
std::span<const row> context_rows();
std::span<const row> fork_join_rows();
std::span<const row> latency_rows();
