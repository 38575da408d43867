// SPDX-License-Identifier: BSL-1.0
#include "sched/stacks.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <functional>
#include <iterator>
#include <new>
#include <utility>

#include <unistd.h>

#include <goro/detail/config.hpp>
#include <goro/detail/spin_lock.hpp>

#include "base/check.hpp"
#include "os/memory.hpp"
#include "sched/shared.hpp"

namespace goro::runtime {

namespace {

// Class 0 is the default slot. Others are powers of two from 32 KiB up, one class each.
constexpr std::uint8_t first_class_bits = 15;
constexpr std::uint8_t classes = 17;
constexpr std::uint32_t cache_limit = 256;
constexpr std::uint32_t cache_batch = cache_limit / 2;  // that go between a cache and the depot at a time
constexpr std::size_t colours = 31;  // tops that are aligned alike would all fall into the same cache sets

constexpr std::size_t first_arena_size = std::size_t{64} << 20;
constexpr std::size_t later_arena_slots = 1024;

}  // namespace

/// A mapping that slots of one class are carved from.
struct stack_arena {
  std::byte* start = nullptr;
  std::size_t slot_size = 0;
  std::uint32_t slots = 0;
  std::uint32_t cold_slots = 0;     // guarded by the depot's lock, with what follows
  stack_arena* next = nullptr;      // of all
  stack_arena* next_cold = nullptr;  // of those that have cold slots
  std::uint64_t cold[later_arena_slots / 64]{};

  [[nodiscard]] std::byte* slot(std::size_t index) const noexcept { return start + index * slot_size; }
  [[nodiscard]] std::size_t index_of(const void* at) const noexcept {
    return static_cast<std::size_t>(static_cast<const std::byte*>(at) - start) / slot_size;
  }
};

namespace {

struct alignas(64) depot {
  detail::spin_lock lock;          // guards all below
  stack* warm = nullptr;           // batches, newest used first
  stock warm_stock;
  stack_arena* cold = nullptr;     // arenas with slots whose pages are the kernel's
  stack_arena* carving = nullptr;  // the arena with slots that were never used
  std::uint32_t carved = 0;
};

depot depots[classes + 1];
std::atomic<stack_arena*> arenas{nullptr};

std::size_t guard_size() noexcept {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return page > stack_guard ? page : stack_guard;
}

std::uint8_t class_of(std::size_t usable) noexcept {
  if (usable == 0) return 0;
  const std::size_t slot = usable + guard_size();
  if (slot <= default_stack_slot && slot > default_stack_slot / 2) return 0;
  const auto bits = static_cast<std::uint8_t>(std::bit_width(slot - 1));
  return static_cast<std::uint8_t>(bits < first_class_bits ? 1 : bits - first_class_bits + 1);
}

std::size_t slot_size_of(std::uint8_t size_class) noexcept {
  return size_class == 0 ? default_stack_slot : std::size_t{1} << (first_class_bits + size_class - 1);
}

/// `before`: the last one of its class, or null.
stack_arena* make_arena(std::uint8_t size_class, const stack_arena* before) noexcept {
  const std::size_t slot_size = slot_size_of(size_class);
  std::size_t slots = slot_size >= first_arena_size ? 1 : first_arena_size / slot_size;
  if (before != nullptr) slots *= 4;
  if (slots > later_arena_slots) slots = later_arena_slots;
  auto* const made = new (std::nothrow) stack_arena;
  auto* const start = static_cast<std::byte*>(reserve(slot_size * slots, page_size));
  if (made == nullptr || start == nullptr) {
    delete made;
    return nullptr;
  }
  made->start = start;
  made->slot_size = slot_size;
  made->slots = static_cast<std::uint32_t>(slots);
  made->next = arenas.load(std::memory_order_relaxed);
  while (!arenas.compare_exchange_weak(made->next, made, std::memory_order_release)) {
  }
  return made;
}

/// The record of a slot whose pages are all zero.
stack* describe(stack_arena* a, std::size_t index, std::uint8_t size_class) noexcept {
  std::byte* const top = a->slot(index + 1) - (index % colours + 1) * 64;
  static_assert(sizeof(stack) <= 64);
  auto* const s = ::new (top) stack;
  s->bottom = a->slot(index) + guard_size();
  s->top = top;
  s->arena = a;
  s->size_class = size_class;
  return s;
}

stack* take_cold(depot& d, std::uint8_t size_class) noexcept {
  stack_arena* const a = d.cold;
  std::size_t word = 0;
  while (a->cold[word] == 0) ++word;
  const auto bit = static_cast<std::size_t>(std::countr_zero(a->cold[word]));
  a->cold[word] &= a->cold[word] - 1;
  if (--a->cold_slots == 0) d.cold = a->next_cold;
  return describe(a, word * 64 + bit, size_class);
}

void mark_cold(depot& d, stack_arena* a, std::size_t first, std::size_t n) noexcept {
  const global_guard hold(d.lock);
  if (a->cold_slots == 0) {
    a->next_cold = d.cold;
    d.cold = a;
  }
  a->cold_slots += static_cast<std::uint32_t>(n);
  for (std::size_t i = first; i < first + n; ++i) {
    const std::uint64_t bit = std::uint64_t{1} << (i % 64);
    GORO_CHECK((a->cold[i / 64] & bit) == 0, "stacks: K2: a slot that becomes cold is not cold yet", i);
    a->cold[i / 64] |= bit;
  }
}

/// The next slot that was never used, with its guard.
stack* carve(depot& d, std::uint8_t size_class, stack_failure& why) noexcept {
  if (d.carving == nullptr || d.carved == d.carving->slots) {
    stack_arena* const made = make_arena(size_class, d.carving);
    if (made == nullptr) {
      why = stack_failure::out_of_memory;
      return nullptr;
    }
    d.carving = made;
    d.carved = 0;
  }
  switch (install_guard(d.carving->slot(d.carved), guard_size())) {  // K1
    case guard_result::ok: break;
    case guard_result::out_of_memory: why = stack_failure::out_of_memory; return nullptr;
    case guard_result::limit: why = stack_failure::guard_limit; return nullptr;
  }
  return describe(d.carving, d.carved++, size_class);
}

/// Gives the pages of n stacks of one depot back, which are in no list meanwhile. Their records go with them.
void make_cold(depot& d, stack** batch, std::size_t n) noexcept {
  std::sort(batch, batch + n, std::less<>());
  for (std::size_t i = 0; i < n;) {
    stack_arena* const a = batch[i]->arena;
    const std::size_t first = a->index_of(batch[i]);
    std::size_t run = 1;
    while (i + run < n && batch[i + run]->arena == a && a->index_of(batch[i + run]) == first + run) ++run;
    decommit(a->slot(first) + guard_size(), run * a->slot_size - guard_size());
    mark_cold(d, a, first, run);
    i += run;
  }
}

stack* take_batch(depot& d) noexcept {  // its lock is held
  stack* const first = d.warm;
  if (first == nullptr) return nullptr;
  d.warm = first->next_batch;
  d.warm_stock.take(first->batch_size);
  return first;
}

/// A list of n stacks, newest used first.
void put_batch(depot& d, stack* first, std::uint32_t n) noexcept {
  if (first == nullptr) return;
  first->batch_size = n;
  const global_guard hold(d.lock);
  first->next_batch = d.warm;
  d.warm = first;
  d.warm_stock.put(n);
}

/// The cache is full: those that were used longest ago go.
void spill(stack_cache& cache) noexcept {
  stack* kept = cache.first;
  for (std::uint32_t i = 1; i < cache_limit - cache_batch; ++i) kept = kept->next;
  put_batch(depots[0], std::exchange(kept->next, nullptr), cache_batch);
  cache.size -= cache_batch;
}

}  // namespace

stack* acquire_stack(stack_cache& cache, std::size_t size, stack_failure& why) noexcept {
  why = stack_failure::none;
  const std::uint8_t size_class = class_of(size);
  if (size_class == 0 && cache.first != nullptr) {
    stack* const s = cache.first;
    cache.first = s->next;
    --cache.size;
    return s;
  }
  depot& d = depots[size_class];
  const global_guard hold(d.lock);
  if (stack* const s = take_batch(d)) {
    if (size_class == 0) cache = {s->next, s->batch_size - 1};
    return s;
  }
  if (d.cold != nullptr) return take_cold(d, size_class);
  return carve(d, size_class, why);
}

void release_stack(stack_cache* cache, stack* s) noexcept {
  if (s->size_class != 0 || cache == nullptr) {
    s->next = nullptr;
    put_batch(depots[s->size_class], s, 1);
    return;
  }
  if (cache->size == cache_limit) spill(*cache);
  s->next = cache->first;
  cache->first = s;
  ++cache->size;
}

std::size_t stack_extent(const stack& s) noexcept { return slot_size_of(s.size_class) - guard_size(); }

void flush_stack_cache(stack_cache& cache) noexcept {
  put_batch(depots[0], cache.first, cache.size);
  cache = {};
}

remainder trim_stacks(bool look) noexcept {
  static stack* batch[8192];
  remainder left = remainder::nothing;
  for (depot& d : depots) {
    std::size_t n = 0;
    {
      const global_guard hold(d.lock);
      if (look) d.warm_stock.look();
      n = d.warm_stock.take_surplus(std::size(batch));
      for (std::size_t i = 0; i < n;) {
        stack* const first = d.warm;
        stack* s = first;
        const std::uint32_t taken = std::min(first->batch_size, static_cast<std::uint32_t>(n - i));
        for (std::uint32_t k = 0; k < taken; ++k) batch[i++] = std::exchange(s, s->next);
        if (s != nullptr) {
          s->next_batch = first->next_batch;
          s->batch_size = first->batch_size - taken;
        }
        d.warm = s != nullptr ? s : first->next_batch;
      }
      left = std::max(left, remainder_of(d.warm_stock));
    }
    make_cold(d, batch, n);
  }
  return left;
}

bool find_guard(const void* address, stack_bounds& found) noexcept {
  const auto* const at = static_cast<const std::byte*>(address);
  for (const stack_arena* a = arenas.load(std::memory_order_acquire); a != nullptr; a = a->next) {
    if (at < a->start || at >= a->start + a->slot_size * a->slots) continue;
    const std::size_t index = a->index_of(at);
    const std::byte* const bottom = a->slot(index) + guard_size();
    if (at >= bottom) return false;
    found.bottom = bottom;
    found.top = a->slot(index + 1);
    return true;
  }
  return false;
}

}  // namespace goro::runtime
