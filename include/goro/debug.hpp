// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

namespace goro::debug {

/// The runtime's own counters. The first group is what exists now, the second what has happened since the start.
struct runtime_stats {
  std::size_t goroutines = 0;
  std::size_t channels = 0;
  std::size_t timers = 0;      ///< armed
  std::size_t stacks = 0;      ///< held by goroutines
  std::size_t threads = 0;     ///< OS threads that run goroutines, busy or idle
  std::size_t processors = 0;  ///< gomaxprocs()

  std::uint64_t spawned = 0;
  std::uint64_t steals = 0;        ///< successful visits to another processor's queue
  std::uint64_t handoffs = 0;      ///< processors given away by blocking() and locked goroutines
  std::uint64_t takeaways = 0;     ///< processors taken from a hog
  std::uint64_t futex_sleeps = 0;  ///< worker threads that went to sleep
  std::uint64_t futex_wakes = 0;
  std::uint64_t migrations = 0;    ///< goroutines that went on on another thread
  std::uint64_t parks = 0;

  // What keeps processors from being independent of each other, as far as worker threads do it: nothing of it belongs to
  // a single operation.
  std::uint64_t global_locks = 0;  ///< a lock was taken that all processors share
  std::uint64_t shared_writes = 0;  ///< one of the scheduler's shared variables was written
  std::uint64_t barriers = 0;  ///< every CPU that runs this process was interrupted: membarrier(2)
};

/// A snapshot; exact in a quiet state, otherwise each figure is one that was true during the call.
[[nodiscard]] runtime_stats stats();

struct goroutine_info {
  std::uint64_t id = 0;
  std::string name;
  bool locked_to_thread = false;
  std::string status;  ///< "running", "runnable", "waiting", "syscall"
  std::string reason;  ///< what it waits for, in Go's words; empty unless waiting
  std::uint64_t minutes = 0;  ///< that it has been waiting for, give or take one
  std::string creator;  ///< "created by F in goroutine N", empty for the main goroutine
  std::vector<std::string> stack;  ///< innermost first, "function\n\tfile:line"
};

/// Every user goroutine, the main one first. Stops all goroutines while it looks; do not call it in a loop.
[[nodiscard]] std::vector<goroutine_info> goroutines();

/// Writes what goroutines() returns in the format of Go's dumps.
void dump(std::ostream& out);

}  // namespace goro::debug
