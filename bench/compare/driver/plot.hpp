// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <span>
#include <string>

#include "report.hpp"

// An SVG picture: for every row that Go has a figure of, what each program takes as a multiple of that.
std::string plot(const sitting& where, std::span<const outcome> results);
