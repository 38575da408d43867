// SPDX-License-Identifier: BSL-1.0
#include "os/memory.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <iterator>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

namespace goro::runtime {
namespace {

constexpr int this_process = -10001;  // PIDFD_SELF_THREAD_GROUP

std::atomic<bool> light_guards{true};
std::atomic<bool> many_at_once{true};
std::atomic<std::size_t> heavy_guards{0};

/// A guard that is none would turn an overflow into silent corruption, and an emulator may take the advice and ignore
/// it: the first one is tried out, by having the kernel read from it.
bool faults(void* at) noexcept {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  const ssize_t n = ::write(ends[1], at, 1);
  ::close(ends[0]);
  ::close(ends[1]);
  return n < 0;
}

/// As many as one system call takes, which costs as much as the work for one. How many that were.
std::size_t install_light_guards(std::byte* at, std::size_t size, std::size_t distance, std::size_t n) noexcept {
  if (n > 1 && many_at_once.load(std::memory_order_relaxed)) {
    iovec ranges[16];
    n = std::min(n, std::size(ranges));
    for (std::size_t i = 0; i < n; ++i) ranges[i] = {at + i * distance, size};
    const long advised = ::syscall(SYS_process_madvise, this_process, ranges, n, MADV_GUARD_INSTALL, 0);
    if (advised > 0) return static_cast<std::size_t>(advised) / size;
    if (errno != ENOMEM) many_at_once.store(false, std::memory_order_relaxed);  // older than Linux 6.15
  }
  return ::madvise(at, size, MADV_GUARD_INSTALL) == 0 ? 1 : 0;
}

}  // namespace

void* reserve(std::size_t size, std::size_t align) noexcept {
  const std::size_t room = align > page_size ? size + align : size;
  void* const mapped =
      ::mmap(nullptr, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  const auto start = reinterpret_cast<std::uintptr_t>(mapped);
  const std::uintptr_t aligned = (start + align - 1) / align * align;
  if (aligned != start) ::munmap(mapped, aligned - start);
  if (const std::size_t rest = start + room - (aligned + size); rest != 0 && rest < room)
    ::munmap(reinterpret_cast<void*>(aligned + size), rest);
  auto* const result = reinterpret_cast<void*>(aligned);
  ::madvise(result, size, MADV_NOHUGEPAGE);
  return result;
}

void release(void* at, std::size_t size) noexcept { ::munmap(at, size); }

guards_result install_guards(std::byte* at, std::size_t size, std::size_t distance, std::size_t n) noexcept {
  std::size_t installed = 0;
  while (installed < n) {
    std::byte* const next = at + installed * distance;
    if (light_guards.load(std::memory_order_relaxed)) {
      static std::atomic<bool> tried{false};
      const std::size_t some = install_light_guards(next, size, distance, n - installed);
      if (some != 0 && (tried.load(std::memory_order_relaxed) || faults(next))) {
        tried.store(true, std::memory_order_relaxed);
        installed += some;
        continue;
      }
      if (some == 0 && errno == ENOMEM) return {installed, false};
      light_guards.store(false, std::memory_order_relaxed);
    }
    // Two mappings a guard; a quarter of the limit is left to the rest of the program.
    if (heavy_guards.fetch_add(1, std::memory_order_relaxed) * 2 > mapping_limit() / 4 * 3) {
      heavy_guards.fetch_sub(1, std::memory_order_relaxed);
      return {installed, true};
    }
    if (::mprotect(next, size, PROT_NONE) != 0) return {installed, false};
    ++installed;
  }
  return {installed, false};
}

void decommit(void* at, std::size_t size) noexcept { ::madvise(at, size, MADV_DONTNEED); }

std::size_t mapping_limit() noexcept {
  static const std::size_t limit = [] {
    char text[32]{};
    const int fd = ::open("/proc/sys/vm/max_map_count", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return std::size_t{65530};
    const ssize_t n = ::read(fd, text, sizeof text - 1);
    ::close(fd);
    return n > 0 ? static_cast<std::size_t>(std::strtoull(text, nullptr, 10)) : std::size_t{65530};
  }();
  return limit;
}

}  // namespace goro::runtime
