// SPDX-License-Identifier: BSL-1.0
// goro: Go's concurrency for C++20. This header brings in goroutines, channels, select, sync, time and
// context.
#pragma once

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/go.hpp>
#include <goro/panic.hpp>
#include <goro/select.hpp>
#include <goro/sync.hpp>
#include <goro/time.hpp>
