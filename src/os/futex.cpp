// SPDX-License-Identifier: BSL-1.0
#include "os/futex.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <goro/detail/config.hpp>

#include "os/clock.hpp"

namespace goro::runtime {

static_assert(sizeof(std::atomic<std::uint32_t>) == 4 && std::atomic<std::uint32_t>::is_always_lock_free);

void futex_wait(const std::atomic<std::uint32_t>& word, std::uint32_t expected, std::int64_t deadline) noexcept {
  timespec until{};
  if (deadline != never) {
    until.tv_sec = deadline / second;
    until.tv_nsec = deadline % second;
  }
  // The BITSET form takes an absolute time of the monotonic clock.
  ::syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline == never ? nullptr : &until, nullptr,
            FUTEX_BITSET_MATCH_ANY);
#if GORO_TSAN
  ::usleep(0);  // ThreadSanitizer runs handlers of signals that came meanwhile only in calls that it intercepts
#endif
}

void futex_wake(const std::atomic<std::uint32_t>& word, int how_many) noexcept {
  ::syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, how_many, nullptr, nullptr, 0);
}

}  // namespace goro::runtime
