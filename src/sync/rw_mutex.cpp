// SPDX-License-Identifier: BSL-1.0
// Go's rw_mutex. A writer announces itself by making the count of readers negative: readers that come later queue, the
// earlier ones count themselves out in `leaving_`, and the last of them wakes it. unlock() makes the count positive again
// and lets in all that have queued, before another writer gets `writers_`.
#include <goro/sync/rw_mutex.hpp>

#include "sync/sleeper.hpp"

namespace goro {

using runtime::wait_reason;

void rw_mutex::wait_for_writer() {
  readers_sleep_.acquire(static_cast<std::uint8_t>(wait_reason::rw_mutex_lock_shared), this);
}

void rw_mutex::leave_to_writer(std::int32_t before) {
  if (before == 0 || before == -writer) detail::fatal("sync: RUnlock of unlocked RWMutex");
  if (leaving_.fetch_sub(1, std::memory_order_acq_rel) == 1) writer_sleeps_.release(false);
}

void rw_mutex::lock() {
  writers_.lock();
  const std::int32_t reading = readers_.fetch_sub(writer, std::memory_order_acq_rel);
  if (reading != 0 && leaving_.fetch_add(reading, std::memory_order_acq_rel) + reading != 0)
    writer_sleeps_.acquire(static_cast<std::uint8_t>(wait_reason::rw_mutex_lock), this);
}

bool rw_mutex::try_lock() {
  if (!writers_.try_lock()) return false;
  std::int32_t nobody = 0;
  if (readers_.compare_exchange_strong(nobody, -writer, std::memory_order_acquire, std::memory_order_relaxed))
    return true;
  writers_.unlock();
  return false;
}

void rw_mutex::unlock() {
  const std::int32_t waiting = readers_.fetch_add(writer, std::memory_order_acq_rel) + writer;
  if (waiting >= writer) detail::fatal("sync: Unlock of unlocked RWMutex");
  for (std::int32_t i = 0; i < waiting; ++i) readers_sleep_.release(false);
  writers_.unlock();
}

void rw_mutex::check_unused() {
  if (writer_sleeps_.has_sleepers() || readers_sleep_.has_sleepers() || writers_.has_sleepers())
    detail::destroyed_in_use("sync: RWMutex destroyed while goroutines wait");
}

}  // namespace goro
