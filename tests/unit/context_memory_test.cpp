// SPDX-License-Identifier: BSL-1.0
// A server makes a context with a timeout for each request, below one that lives as long as the process: nothing of them
// stays behind, neither in the parent nor on the heap.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#include <goro/debug.hpp>
#include <goro/goro.hpp>

#include "goro_test.hpp"

namespace {
std::atomic<std::int64_t> blocks{0};  // that the heap has given out and not got back
}

// Out of line, or the compiler takes malloc and delete for a pair that does not match.
[[gnu::noinline]] void* operator new(std::size_t size) {
  void* const block = std::malloc(size);
  if (block == nullptr) throw std::bad_alloc();
  ++blocks;
  return block;
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t align) {
  const auto alignment = static_cast<std::size_t>(align);
  void* const block = std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (block == nullptr) throw std::bad_alloc();
  ++blocks;
  return block;
}
[[gnu::noinline]] void operator delete(void* block) noexcept {
  if (block != nullptr) --blocks;
  std::free(block);
}
[[gnu::noinline]] void operator delete(void* block, std::size_t) noexcept { operator delete(block); }
[[gnu::noinline]] void operator delete(void* block, std::align_val_t) noexcept { operator delete(block); }
[[gnu::noinline]] void operator delete(void* block, std::size_t, std::align_val_t) noexcept { operator delete(block); }

namespace {

using namespace std::chrono_literals;
using goro::context;

struct ContextMemory : on_procs {};
GORO_ON_PROCS(ContextMemory);

void serve(const context& server, int requests) {
  for (int i = 0; i < requests; ++i) {
    const auto [ctx, cancel] = context::with_timeout(server, 30s);
    const auto stop = context::after_func(ctx, [] {});
    if (i % 2 == 0) static_cast<void>(ctx.done());
    stop();
  }
}

TEST_P(ContextMemory, RequestsWithTimeoutsLeaveNothingBehind) {
  run([] {
    const auto [server, cancel] = context::with_cancel(context::background());
    serve(server, 1'000);
    const std::int64_t before = blocks;
    serve(server, scale(10'000'000, 100'000));
    EXPECT_LT(blocks - before, 32);  // a heap of timers that was not used before may have come
    EXPECT_EQ(goro::debug::stats().timers, 0U);
  });
}

}  // namespace
