// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <goro/sync/concurrent_map.hpp>
#include <goro/sync/cond.hpp>
#include <goro/sync/errgroup.hpp>
#include <goro/sync/mutex.hpp>
#include <goro/sync/once.hpp>
#include <goro/sync/pool.hpp>
#include <goro/sync/rw_mutex.hpp>
#include <goro/sync/semaphore.hpp>
#include <goro/sync/singleflight.hpp>
#include <goro/sync/wait_group.hpp>
