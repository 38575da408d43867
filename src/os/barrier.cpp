// SPDX-License-Identifier: BSL-1.0
#include "os/barrier.hpp"

#include <linux/membarrier.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace goro::runtime {

bool asymmetric_barrier::full_fence_needed = true;
alignas(64) std::atomic<std::uint64_t> asymmetric_barrier::heavy_count_{0};

void asymmetric_barrier::initialize() noexcept {
  full_fence_needed = ::syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) != 0;
}

void asymmetric_barrier::full() noexcept {
  std::atomic<int> word{0};  // a read-modify-write, because ThreadSanitizer does not model fences
  word.fetch_add(1, std::memory_order_seq_cst);
}

void asymmetric_barrier::heavy() noexcept {
  heavy_count_.fetch_add(1, std::memory_order_relaxed);
  if (full_fence_needed || ::syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0) full();
}

std::uint64_t asymmetric_barrier::heavy_count() noexcept { return heavy_count_.load(std::memory_order_relaxed); }

}  // namespace goro::runtime
