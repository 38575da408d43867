// SPDX-License-Identifier: BSL-1.0
#include "sched/blocks.hpp"

#include <atomic>
#include <cstdint>
#include <iterator>
#include <new>

#include "base/check.hpp"
#include "os/memory.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

using guard = global_guard;

namespace {

constexpr std::size_t slab_size = 64 * 1024;
constexpr std::size_t slab_blocks = slab_size / sizeof(goroutine);
constexpr std::size_t chunk_slabs = 256;
constexpr std::size_t chunk_size = chunk_slabs * slab_size;

struct slab {
  goroutine* free = nullptr;  // linked through goroutine::next
  slab* previous = nullptr;
  slab* next = nullptr;
  std::uint16_t out = 0;                // blocks that are neither in `free` nor still to be begun
  std::atomic<std::uint16_t> begun{0};  // the first so many have been taken since it was cold
};

/// At the front of a mapping; slabs[0] is where it lies itself.
struct chunk {
  chunk* next = nullptr;
  slab slabs[chunk_slabs];
};
static_assert(sizeof(chunk) <= slab_size);

struct slab_list {
  slab* first = nullptr;

  void push(slab* s) noexcept {
    s->previous = nullptr;
    s->next = first;
    if (first != nullptr) first->previous = s;
    first = s;
  }
  void remove(slab* s) noexcept {
    (s->previous != nullptr ? s->previous->next : first) = s->next;
    if (s->next != nullptr) s->next->previous = s->previous;
  }
};

struct block_depot {
  detail::spin_lock lock;  // guards all below, and the slabs
  slab_list in_use;        // some blocks are out, but not all
  slab_list warm;
  slab_list cold;
  stock warm_stock;
};

block_depot depot;
std::atomic<chunk*> chunks{nullptr};

chunk* chunk_of(const void* at) noexcept {
  return reinterpret_cast<chunk*>(reinterpret_cast<std::uintptr_t>(at) / chunk_size * chunk_size);
}

slab* slab_of(const goroutine* g) noexcept {
  return &chunk_of(g)->slabs[reinterpret_cast<std::uintptr_t>(g) % chunk_size / slab_size];
}

goroutine* blocks_of(const slab* s) noexcept {
  chunk* const c = chunk_of(s);
  const auto index = static_cast<std::size_t>(s - c->slabs);
  return reinterpret_cast<goroutine*>(reinterpret_cast<std::byte*>(c) + index * slab_size);
}

void make_chunk() {
  void* const memory = reserve(chunk_size, chunk_size);
  if (memory == nullptr) throw std::bad_alloc();
  auto* const made = ::new (memory) chunk;
  for (std::size_t i = chunk_slabs; i-- > 1;) depot.cold.push(&made->slabs[i]);
  made->next = chunks.load(std::memory_order_relaxed);
  chunks.store(made, std::memory_order_release);
}

/// One that has blocks left, and is counted among those in use.
slab* slab_with_room() {
  if (depot.in_use.first != nullptr) return depot.in_use.first;
  slab* s = depot.warm.first;
  if (s != nullptr) {
    depot.warm.remove(s);
    depot.warm_stock.take();
  } else {
    if (depot.cold.first == nullptr) make_chunk();
    s = depot.cold.first;
    depot.cold.remove(s);
  }
  depot.in_use.push(s);
  return s;
}

goroutine* take_block() {
  slab* const s = slab_with_room();
  goroutine* g = s->free;
  if (g != nullptr) {
    s->free = g->next;
  } else {
    const std::uint16_t begun = s->begun.load(std::memory_order_relaxed);
    GORO_CHECK(begun < slab_blocks, "blocks: B1: a slab in use has a block left", begun);
    g = blocks_of(s) + begun;
    s->begun.store(static_cast<std::uint16_t>(begun + 1), std::memory_order_release);
  }
  if (++s->out == slab_blocks) depot.in_use.remove(s);
  return g;
}

void give_block(goroutine* g) noexcept {
  slab* const s = slab_of(g);
  g->next = s->free;
  s->free = g;
  if (s->out == slab_blocks) depot.in_use.push(s);
  if (--s->out != 0) return;
  depot.in_use.remove(s);
  depot.warm.push(s);
  depot.warm_stock.put();
}

}  // namespace

void take_blocks(goroutine_list& into, std::size_t n) {
  const guard hold(depot.lock);
  for (; n > 0; --n) into.push_back(take_block());
}

void give_blocks(goroutine_list& from, std::size_t keep) {
  if (from.size <= keep) return;
  const guard hold(depot.lock);
  while (from.size > keep) give_block(from.pop_front());
}

remainder trim_blocks(bool look) noexcept {
  slab* batch[64];
  std::size_t n = 0;
  {
    const guard hold(depot.lock);
    if (look) depot.warm_stock.look();
    n = depot.warm_stock.take_surplus(std::size(batch));
    for (std::size_t i = 0; i < n; ++i) {
      slab* const s = depot.warm.first;
      GORO_CHECK(s->out == 0, "blocks: B2: no block of a slab that loses its pages is out", s->out);
      depot.warm.remove(s);
      batch[i] = s;
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    batch[i]->free = nullptr;
    batch[i]->begun.store(0, std::memory_order_relaxed);
    decommit(blocks_of(batch[i]), slab_size);
  }
  const guard hold(depot.lock);
  for (std::size_t i = n; i-- > 0;) depot.cold.push(batch[i]);
  return remainder_of(depot.warm_stock);
}

void for_each_goroutine(void (*f)(goroutine*, void*), void* argument) {
  for (chunk* c = chunks.load(std::memory_order_acquire); c != nullptr; c = c->next)
    for (const slab& s : c->slabs) {
      const std::size_t begun = s.begun.load(std::memory_order_acquire);
      for (std::size_t i = 0; i < begun; ++i) {
        goroutine* const g = blocks_of(&s) + i;
        if (g->state.load(std::memory_order_acquire) != status::free && g->era == sched.era.load()) f(g, argument);
      }
    }
}

}  // namespace goro::runtime
