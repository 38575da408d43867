// SPDX-License-Identifier: BSL-1.0
// Rate limiting: how often something may happen. Not part of goro/goro.hpp.
//
//   token_bucket     so many a second, with bursts after a pause: the one to begin with (Go's x/time/rate)
//   leaky_bucket     so many a second, evenly
//   fixed_window     so many in each hour; cheap, and twice as many around the border of two hours
//   sliding_window   so many in any hour; exact, and remembers each event
//   sometimes        runs some of many calls
//   keyed            one of the limiters for each client, in bounded memory
//
// The limiters have one interface, goro/rate/limiter.hpp: allow() refuses, reserve() says when, wait() waits.
#pragma once

#include <goro/rate/fixed_window.hpp>
#include <goro/rate/keyed.hpp>
#include <goro/rate/leaky_bucket.hpp>
#include <goro/rate/limiter.hpp>
#include <goro/rate/reservation.hpp>
#include <goro/rate/sliding_window.hpp>
#include <goro/rate/sometimes.hpp>
#include <goro/rate/token_bucket.hpp>
