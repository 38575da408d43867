// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <goro/detail/channel.hpp>

namespace goro::detail {

// The timer of a channel that after() made. It fires under its heap's lock, and is stopped under that lock before
// the channel is freed, so the channel is there when it fires.

/// A receive that does not wait finds a value that is due, even if no processor has looked at its timers yet.
void run_if_due(channel_timer* t);
void stop_channel_timer(channel_timer* t) noexcept;
void delete_channel_timer(channel_timer* t) noexcept;

}  // namespace goro::detail
