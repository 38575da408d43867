// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "sched/goroutine.hpp"

namespace goro::runtime {

/// Destroys a goroutine's locals, the newest first; ones that destructors make anew too.
void destroy_locals(goroutine* g);

}  // namespace goro::runtime
