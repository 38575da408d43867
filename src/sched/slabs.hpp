// SPDX-License-Identifier: BSL-1.0
// Where small blocks of one kind come from, and where they go between two uses: control blocks of goroutines
// (blocks.hpp), and calls to come (time/pending_calls.hpp). For what exists by the million and is made and freed all
// the time; what is rare, or of any size, is malloc's.
//
// A processor has some at hand, in batches; with the depot it exchanges whole batches, so that the depot's lock is not
// held while block after block is fetched from memory. Batches that nobody has needed for a while are taken apart:
// their blocks go to the slabs of 64 KiB that they are carved from, each with a list of its own free blocks, so that a
// slab is known to be free as a whole. Where there is no batch, blocks are taken from slabs, from those that are in use
// already before others, and what has been free as a whole for a while goes back to the kernel:
//
//   in use  <-->  warm: no block is out  --(unneeded since the last look)-->  cold: its pages are the kernel's
//     ^                                                                         |
//     +-------------------------------------------------------------------------+
//
//   B1  A block is with its user, at a processor's hand, in a batch of the depot, in its slab's list, or has not been
//       begun since its slab was cold. All but the last two are out.
//   B2  Only a slab of which no block is out loses its pages, and nobody takes one from it meanwhile: it is in no
//       list.
//   B3  A block of zeros is a free one. So a cold slab needs no construction, and who looks at all blocks that have
//       been begun may do so at any time: what it sees is a free one, whether its page is gone or not.
//
// The slabs' own records lie at the front of the mapping that they are carved from, which is aligned to its size: a
// block knows its slab by its address, and a free slab costs 32 bytes.
// Tested by: unit/burst_memory, stress/memory_stress, stress/timers_stress.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <new>
#include <span>
#include <utility>

#include <goro/detail/spin_lock.hpp>

#include "base/check.hpp"
#include "base/linked_list.hpp"
#include "os/memory.hpp"
#include "sched/shared.hpp"
#include "sched/stock.hpp"

namespace goro::runtime {

/// Where a free block is linked: in its memory, which holds nothing else then. Specialised for a T that is an object
/// also while it is free.
template <class T>
struct free_links {
  static T*& next(T* block) noexcept { return in(block)->next; }
  static T*& ahead(T* block) noexcept { return in(block)->ahead; }
  static auto& batch(T* block) noexcept { return in(block)->batch; }

 private:
  struct links {
    T* next;
    T* ahead;
    struct {
      T* next;
      std::size_t size;
    } batch;  // that it is the first one of, in the depot
  };
  static links* in(T* block) noexcept {
    static_assert(sizeof(links) <= sizeof(T) && alignof(links) <= alignof(T));
    return reinterpret_cast<links*>(block);
  }
};

/// Free blocks, the one used last first.
template <class T>
struct block_list {
  T* first = nullptr;
  std::size_t size = 0;
};

/// A processor's own.
template <class T>
struct slab_cache {
  static constexpr std::size_t batch_size = 256;

  block_list<T> current;
  block_list<T> full[3];  // batches
  std::uint32_t full_size = 0;
};

/// All blocks of a kind: memory for a T each.
template <class T>
class slab_store {
 public:
  constexpr slab_store() = default;
  slab_store(const slab_store&) = delete;
  slab_store& operator=(const slab_store&) = delete;

  /// Null if there is no memory.
  [[nodiscard]] T* acquire(slab_cache<T>& cache) noexcept {
    if (cache.current.first == nullptr) [[unlikely]]
      refill(cache);
    T* const block = pop(cache.current);
    if (block != nullptr) fetch(links::ahead(block));
    return block;
  }
  void release(slab_cache<T>& cache, T* block) noexcept {
    if (cache.current.size == slab_cache<T>::batch_size) [[unlikely]]
      spill(cache);
    push(cache.current, block);
  }

  /// For who has no processor.
  [[nodiscard]] T* acquire() noexcept;
  void release(T* block) noexcept;

  /// Moves a processor's blocks to the depot.
  void flush(slab_cache<T>& cache) noexcept;

  /// Gives slabs that nobody needs back to the kernel, some at a time. `look`: those that have not been needed since
  /// the last look are from now on. The monitor's.
  remainder trim(bool look) noexcept;

  /// f(blocks) for each slab: those that have been in use since it was cold, whether they are free now or not.
  template <class F>
  void for_each_begun(F f) const {
    for (chunk* c = chunks_.load(std::memory_order_acquire); c != nullptr; c = c->next)
      for (const slab& s : c->slabs) f(std::span<T>(blocks_of(&s), s.begun.load(std::memory_order_acquire)));
  }

 private:
  static constexpr std::size_t slab_size = 64 * 1024;
  static constexpr std::size_t slab_blocks = slab_size / sizeof(T);
  static constexpr std::size_t chunk_slabs = 256;
  static constexpr std::size_t chunk_size = chunk_slabs * slab_size;
  static constexpr std::size_t first_batch_size = 64;  // where there is no batch: no more may be needed
  static constexpr int fetched_ahead = 4;

  using links = free_links<T>;

  struct slab {
    T* free = nullptr;
    slab* previous = nullptr;
    slab* next = nullptr;
    std::uint16_t out = 0;  // blocks that are neither in `free` nor still to be begun
    std::atomic<std::uint16_t> begun{0};  // the first so many have been taken since it was cold
  };
  using slab_list = linked_list<slab, &slab::previous, &slab::next>;

  /// At the front of a mapping, alone in the first 64 KiB; the slabs follow.
  struct chunk {
    chunk* next = nullptr;
    slab slabs[chunk_slabs - 1];
  };
  static_assert(sizeof(chunk) <= 2 * page_size);

  /// Who makes many goes from block to block, and each has to come from memory before it is known which one is next. So a
  /// free one also tells which one comes fourth after it, and that is fetched meanwhile. For a list that was not made by
  /// push() it may tell anything.
  static void fetch(const T* block) noexcept {
    const auto* const at = reinterpret_cast<const std::byte*>(block);
    for (std::size_t line = 0; line < sizeof(T); line += 64) __builtin_prefetch(at + line, 1);
  }

  static void push(block_list<T>& list, T* block) noexcept {
    links::next(block) = list.first;
    T* ahead = list.first;
    for (int i = 1; i < fetched_ahead && ahead != nullptr; ++i) ahead = links::next(ahead);
    links::ahead(block) = ahead;
    list.first = block;
    ++list.size;
  }
  static T* pop(block_list<T>& list) noexcept {
    T* const block = list.first;
    if (block == nullptr) return nullptr;
    list.first = links::next(block);
    --list.size;
    return block;
  }

  static chunk* chunk_of(const void* at) noexcept {
    return reinterpret_cast<chunk*>(reinterpret_cast<std::uintptr_t>(at) / chunk_size * chunk_size);
  }
  static slab* slab_of(const T* block) noexcept {
    return &chunk_of(block)->slabs[reinterpret_cast<std::uintptr_t>(block) % chunk_size / slab_size - 1];
  }
  static T* blocks_of(const slab* s) noexcept {
    chunk* const c = chunk_of(s);
    const auto index = static_cast<std::size_t>(s - c->slabs) + 1;
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(c) + index * slab_size);
  }

  /// Puts some into `current`, which is empty, unless there is no memory.
  void refill(slab_cache<T>& cache) noexcept;
  /// Makes room in `current`, which is full.
  void spill(slab_cache<T>& cache) noexcept;

  block_list<T> take_batch() noexcept;
  void put_batch(const block_list<T>& list) noexcept;
  void take_batches_apart(bool look) noexcept;

  // The lock is held:
  block_list<T> pop_batch() noexcept;
  bool make_chunk() noexcept;
  slab* slab_with_room() noexcept;
  T* take_block() noexcept;
  void give_block(T* block, bool unneeded) noexcept;

  detail::spin_lock lock_;  // guards what follows, and the slabs
  T* batches_ = nullptr;  // newest used first
  stock batch_stock_;
  slab_list in_use_;  // some blocks are out, but not all
  slab_list warm_;
  slab_list cold_;
  stock warm_stock_;

  std::atomic<chunk*> chunks_{nullptr};
};

template <class T>
bool slab_store<T>::make_chunk() noexcept {
  void* const memory = reserve(chunk_size, chunk_size);
  if (memory == nullptr) return false;
  auto* const made = ::new (memory) chunk;
  for (std::size_t i = chunk_slabs - 1; i-- > 0;) cold_.push(&made->slabs[i]);
  made->next = chunks_.load(std::memory_order_relaxed);
  chunks_.store(made, std::memory_order_release);
  return true;
}

/// One that has blocks left, and is counted among those in use. Null if there is no memory.
template <class T>
auto slab_store<T>::slab_with_room() noexcept -> slab* {
  if (in_use_.first != nullptr) return in_use_.first;
  slab* s = warm_.first;
  if (s != nullptr) {
    warm_.remove(s);
    warm_stock_.take();
  } else {
    if (cold_.first == nullptr && !make_chunk()) return nullptr;
    s = cold_.first;
    cold_.remove(s);
  }
  in_use_.push(s);
  return s;
}

template <class T>
T* slab_store<T>::take_block() noexcept {
  slab* const s = slab_with_room();
  if (s == nullptr) return nullptr;
  T* block = s->free;
  if (block != nullptr) {
    s->free = links::next(block);
  } else {
    const std::uint16_t begun = s->begun.load(std::memory_order_relaxed);
    GORO_CHECK(begun < slab_blocks, "slabs: B1: a slab in use has a block left", begun);
    block = blocks_of(s) + begun;
    s->begun.store(static_cast<std::uint16_t>(begun + 1), std::memory_order_release);
  }
  if (++s->out == slab_blocks) in_use_.remove(s);
  return block;
}

/// `unneeded`: for a while already.
template <class T>
void slab_store<T>::give_block(T* block, bool unneeded) noexcept {
  slab* const s = slab_of(block);
  links::next(block) = s->free;
  s->free = block;
  if (s->out == slab_blocks) in_use_.push(s);
  if (--s->out != 0) return;
  in_use_.remove(s);
  warm_.push(s);
  if (unneeded) {
    warm_stock_.put_surplus();
  } else {
    warm_stock_.put();
  }
}

template <class T>
void slab_store<T>::put_batch(const block_list<T>& list) noexcept {
  if (list.first == nullptr) return;
  auto& batch = links::batch(list.first);
  batch.size = list.size;
  const global_guard hold(lock_);
  batch.next = std::exchange(batches_, list.first);
  batch_stock_.put();
}

template <class T>
block_list<T> slab_store<T>::pop_batch() noexcept {
  T* const first = batches_;
  const auto& batch = links::batch(first);
  batches_ = batch.next;
  return {first, batch.size};
}

template <class T>
block_list<T> slab_store<T>::take_batch() noexcept {
  const global_guard hold(lock_);
  if (batches_ != nullptr) {
    batch_stock_.take();
    return pop_batch();
  }
  block_list<T> fresh;
  T** end = &fresh.first;
  for (; fresh.size < first_batch_size; ++fresh.size) {
    T* const block = take_block();
    if (block == nullptr) break;
    *end = block;
    end = &links::next(block);
  }
  *end = nullptr;
  return fresh;
}

/// Moves what nobody has needed to the slabs, some at a time.
template <class T>
void slab_store<T>::take_batches_apart(bool look) noexcept {
  block_list<T> unneeded[64];
  std::size_t n = 0;
  {
    const global_guard hold(lock_);
    if (look) batch_stock_.look();
    n = batch_stock_.take_surplus(std::size(unneeded));
    for (std::size_t i = 0; i < n; ++i) unneeded[i] = pop_batch();
  }
  for (std::size_t i = 0; i < n; ++i) {
    const global_guard hold(lock_);
    while (T* const block = pop(unneeded[i])) give_block(block, true);
  }
}

template <class T>
void slab_store<T>::refill(slab_cache<T>& cache) noexcept {
  cache.current = cache.full_size != 0 ? cache.full[--cache.full_size] : take_batch();
}

template <class T>
void slab_store<T>::spill(slab_cache<T>& cache) noexcept {
  if (cache.full_size == std::size(cache.full)) {
    put_batch(cache.full[0]);  // used longest ago
    std::move(std::begin(cache.full) + 1, std::end(cache.full), std::begin(cache.full));
    --cache.full_size;
  }
  cache.full[cache.full_size++] = std::exchange(cache.current, {});
}

template <class T>
T* slab_store<T>::acquire() noexcept {
  const global_guard hold(lock_);
  return take_block();
}

template <class T>
void slab_store<T>::release(T* block) noexcept {
  const global_guard hold(lock_);
  give_block(block, false);
}

template <class T>
void slab_store<T>::flush(slab_cache<T>& cache) noexcept {
  for (std::uint32_t i = 0; i < cache.full_size; ++i) put_batch(cache.full[i]);
  put_batch(cache.current);
  cache = {};
}

template <class T>
remainder slab_store<T>::trim(bool look) noexcept {
  take_batches_apart(look);
  slab* batch[64];
  std::size_t n = 0;
  {
    const global_guard hold(lock_);
    if (look) warm_stock_.look();
    n = warm_stock_.take_surplus(std::size(batch));
    for (std::size_t i = 0; i < n; ++i) {
      slab* const s = warm_.first;
      GORO_CHECK(s->out == 0, "slabs: B2: no block of a slab that loses its pages is out", s->out);
      warm_.remove(s);
      batch[i] = s;
    }
  }
  for (std::size_t i = 0; i < n; ++i) {
    batch[i]->free = nullptr;
    batch[i]->begun.store(0, std::memory_order_relaxed);
    decommit(blocks_of(batch[i]), slab_size);
  }
  const global_guard hold(lock_);
  for (std::size_t i = n; i-- > 0;) cold_.push(batch[i]);
  return std::max(remainder_of(batch_stock_), remainder_of(warm_stock_));
}

}  // namespace goro::runtime
