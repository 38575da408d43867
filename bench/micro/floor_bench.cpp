// SPDX-License-Identifier: BSL-1.0
// What an operation cannot do without, on this machine: floors under budgets. None of these call goro.
#include <benchmark/benchmark.h>

#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

namespace {

// Under a timer's reset: its new time is counted from now.
void BM_FloorClock(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(std::chrono::steady_clock::now());
}
BENCHMARK(BM_FloorClock);

// Under a send and a receive: a lock is taken and given back for each.
void BM_FloorTwoLocks(benchmark::State& state) {
  std::atomic<std::uint32_t> lock{0};
  std::uint64_t value = 0;
  for (auto _ : state) {
    for (int i = 0; i < 2; ++i) {
      std::uint32_t free = 0;
      while (!lock.compare_exchange_weak(free, 1, std::memory_order_acquire, std::memory_order_relaxed)) free = 0;
      benchmark::DoNotOptimize(++value);
      lock.store(0, std::memory_order_release);
    }
  }
}
BENCHMARK(BM_FloorTwoLocks);

// Under a goroutine that is one more than there ever were: a guard, and a page that nobody has touched. An iteration
// is one such stack.
void BM_FloorNewStack(benchmark::State& state) {
  constexpr std::size_t slot = 256 * 1024;
  constexpr std::size_t guard = 16 * 1024;
  constexpr std::size_t slots = 100'000;
  void* const start = ::mmap(nullptr, slot * slots, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (start == MAP_FAILED) {
    state.SkipWithError("no address space");
    return;
  }
  std::size_t used = 0;
  for (auto _ : state) {
    if (used == slots) {
      state.PauseTiming();
      ::madvise(start, slot * slots, MADV_DONTNEED);
      used = 0;
      state.ResumeTiming();
    }
    auto* const bottom = static_cast<char*>(start) + slot * used++;
    ::madvise(bottom, guard, MADV_GUARD_INSTALL);
    bottom[slot - 64] = 1;
  }
  ::munmap(start, slot * slots);
}
BENCHMARK(BM_FloorNewStack);

// Under a million pending calls: a block of the size of one for each, all of them freed again afterwards.
void BM_FloorMillionBlocks(benchmark::State& state) {
  constexpr std::size_t pending_call = 96;
  std::vector<void*> blocks(1'000'000);
  while (state.KeepRunningBatch(static_cast<benchmark::IterationCount>(blocks.size()))) {
    for (void*& block : blocks) block = std::calloc(1, pending_call);
    for (void* const block : blocks) std::free(block);
  }
}
BENCHMARK(BM_FloorMillionBlocks);

}  // namespace
