// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace goro::runtime {

/// Why a goroutine is parked: what dumps show in brackets, in Go's words.
enum class wait_reason : std::uint8_t {
  none,
  chan_receive,
  chan_send,
  select,
  select_no_cases,
  chan_receive_nil,
  chan_send_nil,
  sleep,
  semacquire,
  mutex_lock,
  rw_mutex_lock,
  rw_mutex_lock_shared,
  cond_wait,
  wait_group_wait,
  run,  // a plain thread inside goro::run: not shown
};

constexpr const char* to_string(wait_reason reason) noexcept {
  switch (reason) {
    case wait_reason::none: return "waiting";
    case wait_reason::chan_receive: return "chan receive";
    case wait_reason::chan_send: return "chan send";
    case wait_reason::select: return "select";
    case wait_reason::select_no_cases: return "select (no cases)";
    case wait_reason::chan_receive_nil: return "chan receive (nil chan)";
    case wait_reason::chan_send_nil: return "chan send (nil chan)";
    case wait_reason::sleep: return "sleep";
    case wait_reason::semacquire: return "semacquire";
    case wait_reason::mutex_lock: return "sync.Mutex.Lock";
    case wait_reason::rw_mutex_lock: return "sync.RWMutex.Lock";
    case wait_reason::rw_mutex_lock_shared: return "sync.RWMutex.RLock";
    case wait_reason::cond_wait: return "sync.Cond.Wait";
    case wait_reason::wait_group_wait: return "sync.WaitGroup.Wait";
    case wait_reason::run: return "run";
  }
  return "?";
}

}  // namespace goro::runtime
