// SPDX-License-Identifier: BSL-1.0
// A select whose number of cases is known at compile time allocates nothing, however it goes.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <limits>
#include <new>
#include <optional>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

std::atomic<std::size_t> allocations = 0;

void* allocate(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

void* allocate(std::size_t size, std::align_val_t alignment) {
  ++allocations;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) { return allocate(size, alignment); }
void* operator new[](std::size_t size, std::align_val_t alignment) { return allocate(size, alignment); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

using SelectAllocation = on_procs;
GORO_ON_PROCS(SelectAllocation);

/// The fewest allocations of several runs of f: what is made at the first use and kept does not count, nor does a
/// worker thread that the runtime happens to start meanwhile.
template <class F>
std::size_t allocations_during(F f) {
  std::size_t fewest = std::numeric_limits<std::size_t>::max();
  for (int i = 0; i < 5; ++i) {
    const std::size_t before = allocations;
    f();
    fewest = std::min(fewest, allocations - before);
  }
  return fewest;
}

TEST_P(SelectAllocation, ReadyCasesAllocateNothing) {
  run([] {
    const auto a = goro::make_chan<int>(1);
    const auto b = goro::make_chan<int>(1);
    EXPECT_EQ(allocations_during([&] {
                for (int i = 0; i < 1000; ++i) {
                  int x = 0;
                  std::optional<int> y;
                  goro::select(goro::send(a, i), goro::recv(b));
                  goro::select(goro::recv(a, x), goro::recv(b, y), goro::otherwise);
                  goro::select(goro::recv(a, [&](std::optional<int> v) { y = v; }), goro::otherwise([&] { x = 1; }));
                }
              }),
              0u);
  });
}

TEST_P(SelectAllocation, BlockedSelectsAllocateNothing) {
  run([] {
    const auto a = goro::make_chan<int>();
    const auto b = goro::make_chan<int>();
    const auto quit = goro::make_chan<void>();
    const auto done = goro::make_chan<void>();
    goro::go([=] {
      bool more = true;
      while (more) {
        int x = 0;
        goro::select(goro::recv(a, x), goro::recv(b), goro::recv(quit, [&] { more = false; }));
      }
      done.send();
    });
    EXPECT_EQ(allocations_during([&] {
                for (int i = 0; i < 1000; ++i) {
                  a.send(i);
                  goro::select(goro::send(b, i), goro::send(a, i));
                }
              }),
              0u);
    quit.close();
    done.recv();
  });
}

TEST_P(SelectAllocation, PlainOperationsAllocateNothing) {
  run([] {
    const auto ch = goro::make_chan<std::size_t>();
    const auto buffered = goro::make_chan<std::size_t>(10);
    const auto done = goro::make_chan<void>();
    goro::go([=] {
      while (ch.recv().has_value()) {
      }
      done.send();
    });
    EXPECT_EQ(allocations_during([&] {
                for (std::size_t i = 0; i < 1000; ++i) {
                  ch.send(i);
                  buffered.send(i);
                  std::size_t x = 0;
                  static_cast<void>(buffered.try_recv(x));
                }
              }),
              0u);
    ch.close();
    done.recv();
  });
}

}  // namespace
