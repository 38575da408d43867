// SPDX-License-Identifier: BSL-1.0
// What an operation cannot do without, on this machine: floors under budgets. None of these call goro.
#include <benchmark/benchmark.h>

#include <sys/mman.h>

#include <chrono>
#include <cstddef>
#include <thread>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

namespace {

// Under a goroutine that is one more than there ever were: a guard, and a page that nobody has touched. An iteration
// is one such stack.
void BM_FloorNewStack(benchmark::State& state) {
  constexpr std::size_t guard = 20 * 1024;
  constexpr std::size_t slot = 256 * 1024 + guard;
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

// Under a goroutine that goes on where many wait: what it uses of its stack, 276 KiB from the next one's, with the
// translation of a page of its own. An iteration is one such stack.
void BM_FloorStacksInTurn(benchmark::State& state) {
  constexpr std::size_t slot = 276 * 1024;
  constexpr std::size_t lines = 6;
  constexpr std::size_t colours = 31;
  const auto slots = static_cast<std::size_t>(state.range());
  void* const start = ::mmap(nullptr, slot * slots, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (start == MAP_FAILED) {
    state.SkipWithError("no address space");
    return;
  }
  const auto use = [&](std::size_t i) {
    auto* const top = static_cast<volatile char*>(start) + slot * (i + 1) - i % colours * 64;
    for (std::size_t line = 1; line <= lines; ++line) {
      volatile char& used = top[-64 * static_cast<std::ptrdiff_t>(line)];
      used = static_cast<char>(used + 1);
    }
  };
  for (std::size_t i = 0; i < slots; ++i) use(i);
  std::size_t next = 0;
  for (auto _ : state) {
    use(next);
    if (++next == slots) next = 0;
  }
  ::munmap(start, slot * slots);
}
BENCHMARK(BM_FloorStacksInTurn)->Arg(100)->Arg(10'000)->Arg(100'000);

// Under a processor that has nothing to do for a moment: its thread sleeps and is woken. Look at the processor time.
void BM_FloorSleep(benchmark::State& state) {
  for (auto _ : state) std::this_thread::sleep_for(std::chrono::microseconds(100));
}
BENCHMARK(BM_FloorSleep)->MeasureProcessCPUTime();

}  // namespace
