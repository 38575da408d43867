// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <goro/sync/mutex.hpp>
#include <goro/sync/wait_group.hpp>
