// SPDX-License-Identifier: BSL-1.0
#include "sched/stacks.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <iterator>
#include <new>
#include <span>
#include <utility>

#include <unistd.h>

#include <goro/detail/config.hpp>
#include <goro/detail/spin_lock.hpp>

#include "base/check.hpp"
#include "base/linked_list.hpp"
#include "os/memory.hpp"
#include "sched/shared.hpp"

namespace goro::runtime {

namespace {

// A class for each power of two that a stack may have as its size.
constexpr int bits_of(std::size_t size) noexcept { return std::bit_width(size - 1); }
constexpr std::uint8_t class_of_size(std::size_t size) noexcept {
  return static_cast<std::uint8_t>(bits_of(size) - bits_of(minimum_stack_size));
}
constexpr std::uint8_t default_class = class_of_size(default_stack_size);
constexpr std::uint8_t classes = class_of_size(maximum_stack_size) + 1;

constexpr std::size_t least_guard = 20 * 1024;  // an odd number of pages, as a slot is then
static_assert(least_guard / page_size % 2 == 1);
constexpr std::uint32_t spilled = stack_cache::limit / 2;
constexpr std::size_t colours = 31;  // tops that are aligned alike would all fall into the same cache sets

constexpr std::size_t first_arena_size = std::size_t{64} << 20;
constexpr std::size_t later_arena_slots = 2048;
constexpr int arenas_at_a_time = 16;
constexpr std::uint32_t longest_run = 16;

}  // namespace

/// A mapping that slots of one class are carved from. All that is left of a burst's stacks, so it is small.
struct stack_arena {
  std::byte* start = nullptr;
  stack_arena* next = nullptr;  // of all
  std::size_t slot_size = 0;
  std::uint16_t slots = 0;
  // What follows is guarded by the depot's lock, or is the monitor's (K3):
  std::uint16_t free_slots = 0;             // have been given back here
  std::uint32_t dirty_words = 0;            // a bit for each word of `free`: some of those may still have pages
  stack_arena* previous_of_kind = nullptr;  // in the depot's list of dirty ones, or of cold ones
  stack_arena* next_of_kind = nullptr;
  std::uint64_t free[later_arena_slots / 64]{};

  static_assert(later_arena_slots / 64 <= 32);
  [[nodiscard]] std::byte* slot(std::size_t index) const noexcept { return start + index * slot_size; }
  [[nodiscard]] std::size_t index_of(const void* at) const noexcept {
    return static_cast<std::size_t>(static_cast<const std::byte*>(at) - start) / slot_size;
  }
};

namespace {

using arena_list = linked_list<stack_arena, &stack_arena::previous_of_kind, &stack_arena::next_of_kind>;

bool is_free(const stack_arena* a, std::size_t i) noexcept { return (a->free[i / 64] >> (i % 64) & 1) != 0; }
bool may_be_dirty(const stack_arena* a, std::size_t i) noexcept { return (a->dirty_words >> (i / 64) & 1) != 0; }

struct alignas(64) depot {
  detail::spin_lock lock;          // guards all below
  stack* warm = nullptr;           // batches, newest used first
  stock warm_stock;
  arena_list dirty;                // arenas with free slots, of which some have pages
  arena_list cold;                 // arenas with free slots, all of whose pages are the kernel's
  stack_arena* carving = nullptr;  // the arena with slots that were never used
  std::uint32_t carved = 0;
};

depot depots[classes];
std::atomic<stack_arena*> arenas{nullptr};

std::size_t guard_size() noexcept {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (least_guard + page - 1) / page * page;
}

std::uint8_t class_of(std::size_t size) noexcept {
  if (size == 0) return default_class;
  return class_of_size(std::max(size, minimum_stack_size));
}

std::size_t slot_size_of(std::uint8_t size_class) noexcept { return (minimum_stack_size << size_class) + guard_size(); }

/// `before`: the last one of its class, or null.
stack_arena* make_arena(std::uint8_t size_class, const stack_arena* before) noexcept {
  const std::size_t slot_size = slot_size_of(size_class);
  std::size_t slots = slot_size >= first_arena_size ? 1 : first_arena_size / slot_size;
  if (before != nullptr) slots *= 8;
  if (slots > later_arena_slots) slots = later_arena_slots;
  auto* const made = new (std::nothrow) stack_arena;
  auto* const start = static_cast<std::byte*>(reserve(slot_size * slots, page_size));
  if (made == nullptr || start == nullptr) {
    delete made;
    return nullptr;
  }
  made->start = start;
  made->slot_size = slot_size;
  made->slots = static_cast<std::uint16_t>(slots);
  made->next = arenas.load(std::memory_order_relaxed);
  while (!arenas.compare_exchange_weak(made->next, made, std::memory_order_release)) {
  }
  return made;
}

/// The record of a slot that had none.
stack* describe(stack_arena* a, std::size_t index, std::uint8_t size_class) noexcept {
  std::byte* const top = a->slot(index + 1) - (index % colours + 1) * 64;
  static_assert(sizeof(stack) <= 64);
  auto* const s = ::new (top) stack;
  s->bottom = a->slot(index) + guard_size();
  s->arena = a;
  s->size_class = size_class;
  return s;
}

struct slot {
  stack_arena* arena = nullptr;
  std::size_t index = 0;
};

/// Neighbours that were never used.
struct slot_run {
  stack_arena* arena = nullptr;
  std::size_t first = 0;
  std::size_t size = 0;
};

/// From an arena, if one has a free slot.
slot take_free(depot& d) noexcept {
  const bool dirty = d.dirty.first != nullptr;
  arena_list& list = dirty ? d.dirty : d.cold;
  stack_arena* const a = list.first;
  if (a == nullptr) return {};
  std::size_t word = dirty ? static_cast<std::size_t>(std::countr_zero(a->dirty_words)) : 0;
  while (a->free[word] == 0) ++word;
  const auto bit = static_cast<std::size_t>(std::countr_zero(a->free[word]));
  a->free[word] &= a->free[word] - 1;
  --a->free_slots;
  if (a->free[word] == 0) a->dirty_words &= ~(1U << word);
  if (a->free_slots == 0 || (dirty && a->dirty_words == 0)) list.remove(a);
  if (dirty && a->dirty_words == 0 && a->free_slots != 0) d.cold.push(a);
  return {a, word * 64 + bit};
}

/// The next slots that were never used: as many as an eighth of those before them in the arena.
slot_run carve(depot& d, std::uint8_t size_class) noexcept {
  if (d.carving == nullptr || d.carved == d.carving->slots) {
    stack_arena* const made = make_arena(size_class, d.carving);
    if (made == nullptr) return {};
    d.carving = made;
    d.carved = 0;
  }
  const std::uint32_t first = d.carved;
  const std::uint32_t size =
      size_class == default_class ? std::min({first / 8 + 1, longest_run, d.carving->slots - first}) : 1;
  d.carved += size;
  return {d.carving, first, size};
}

/// Touches their memory for the first time: not for the depot's lock. One of them is the caller's, the others are the
/// cache's. Slots that get no guard are lost.
stack* begin(const slot_run& run, std::uint8_t size_class, stack_cache& cache, stack_failure& why) noexcept {
  if (run.arena == nullptr) {
    why = stack_failure::out_of_memory;
    return nullptr;
  }
  const std::size_t slot_size = run.arena->slot_size;
  const guards_result guarded = install_guards(run.arena->slot(run.first), guard_size(), slot_size, run.size);  // K1
  if (guarded.installed == 0) {
    why = guarded.limit ? stack_failure::guard_limit : stack_failure::out_of_memory;
    return nullptr;
  }
  for (std::size_t i = guarded.installed; --i > 0;)
    cache.items[cache.size++] = describe(run.arena, run.first + i, size_class);
  return describe(run.arena, run.first, size_class);
}

/// Puts stacks that are in no list back into their arenas. Their records are not valid any more.
void give_to_arenas(depot& d, stack* const* batch, std::size_t n) noexcept {
  slot some[64];
  for (std::size_t done = 0; done < n;) {
    const std::size_t size = std::min(n - done, std::size(some));
    for (slot& s : std::span(some, size)) {  // not under the lock: each record comes from memory
      stack_arena* const a = batch[done]->arena;
      s = {a, a->index_of(batch[done++])};
    }
    const global_guard hold(d.lock);
    for (const auto& [a, index] : std::span(some, size)) {
      GORO_CHECK(!is_free(a, index), "stacks: K2: a slot that becomes free is not free yet", index);
      if (a->dirty_words == 0) {
        if (a->free_slots != 0) d.cold.remove(a);
        d.dirty.push(a);
      }
      a->free[index / 64] |= std::uint64_t{1} << (index % 64);
      a->dirty_words |= 1U << (index / 64);
      ++a->free_slots;
    }
  }
}

/// Gives the pages of an arena's free slots back, neighbours in one call. False: there is none to be cleaned.
bool clean_an_arena(depot& d) noexcept {
  stack_arena* a = nullptr;
  {
    const global_guard hold(d.lock);
    a = d.dirty.first;
    if (a == nullptr) return false;
    d.dirty.remove(a);  // K3
  }
  for (std::size_t i = 0; i < a->slots;) {
    const std::size_t first = i;
    bool dirty = false;
    for (; i < a->slots && is_free(a, i); ++i) dirty |= may_be_dirty(a, i);
    if (dirty) decommit(a->slot(first) + guard_size(), (i - first) * a->slot_size - guard_size());
    ++i;
  }
  a->dirty_words = 0;
  const global_guard hold(d.lock);
  d.cold.push(a);
  return true;
}

/// Where a stack holds the others of its batch: in its topmost page, which has been touched before.
stack** others_of(stack* holder) noexcept { return reinterpret_cast<stack**>(holder) - stack_cache::limit; }
static_assert(colours * 64 + stack_cache::limit * sizeof(stack*) <= page_size);

stack* take_batch(depot& d) noexcept {  // its lock is held
  stack* const holder = d.warm;
  if (holder == nullptr) return nullptr;
  d.warm = holder->next_batch;
  d.warm_stock.take(holder->batch_size);
  return holder;
}

/// All of one depot; the last one was used last.
void put_batch(stack* const* items, std::uint32_t n) noexcept {
  if (n == 0) return;
  stack* const holder = items[n - 1];
  std::copy_n(items, n - 1, others_of(holder));
  holder->batch_size = n;
  depot& d = depots[holder->size_class];
  const global_guard hold(d.lock);
  holder->next_batch = d.warm;
  d.warm = holder;
  d.warm_stock.put(n);
}

/// The cache is full: those that were used longest ago go.
void spill(stack_cache& cache) noexcept {
  put_batch(cache.items, spilled);
  std::copy(cache.items + spilled, cache.items + cache.size, cache.items);
  cache.size -= spilled;
}

/// Where many begin in turn, each on a stack that was used long ago: the next one's is fetched meanwhile.
void fetch_top(stack* s) noexcept {
  constexpr std::ptrdiff_t lines = 6;
  for (std::ptrdiff_t line = 1; line <= lines; ++line) __builtin_prefetch(s->top() - 64 * line, 1);
}

}  // namespace

stack* acquire_stack(stack_cache& cache, std::size_t size, stack_failure& why) noexcept {
  why = stack_failure::none;
  const std::uint8_t size_class = class_of(size);
  if (size_class == default_class && cache.size != 0) {
    stack* const newest = cache.items[--cache.size];
    if (cache.size != 0) fetch_top(cache.items[cache.size - 1]);
    return newest;
  }
  stack* holder = nullptr;
  slot free;
  slot_run fresh;
  {
    depot& d = depots[size_class];
    const global_guard hold(d.lock);
    holder = take_batch(d);
    if (holder == nullptr) free = take_free(d);
    if (holder == nullptr && free.arena == nullptr) fresh = carve(d, size_class);
  }
  if (free.arena != nullptr) return describe(free.arena, free.index, size_class);
  if (holder == nullptr) return begin(fresh, size_class, cache, why);
  if (size_class == default_class) {
    cache.size = holder->batch_size - 1;
    std::copy_n(others_of(holder), cache.size, cache.items);
  }
  return holder;
}

void release_stack(stack_cache* cache, stack* s, std::size_t size) noexcept {
  if (class_of(size) != default_class || cache == nullptr) {
    put_batch(&s, 1);
    return;
  }
  if (cache->size == stack_cache::limit) spill(*cache);
  cache->items[cache->size++] = s;
}

std::size_t stack_extent(const stack& s) noexcept { return slot_size_of(s.size_class) - guard_size(); }

void flush_stack_cache(stack_cache& cache) noexcept {
  put_batch(cache.items, cache.size);
  cache.size = 0;
}

remainder trim_stacks(bool look) noexcept {
  static stack* batch[8192];
  remainder left = remainder::nothing;
  for (depot& d : depots) {
    std::size_t n = 0;
    remainder here = remainder::nothing;
    {
      const global_guard hold(d.lock);
      if (look) d.warm_stock.look();
      n = d.warm_stock.take_surplus(std::size(batch));
      for (std::size_t i = 0; i < n;) {
        stack* const holder = d.warm;
        const auto taken = std::min(holder->batch_size, static_cast<std::uint32_t>(n - i));
        const bool all = taken == holder->batch_size;
        if (all) {
          d.warm = holder->next_batch;
          batch[i++] = holder;
        }
        holder->batch_size -= taken;
        for (std::uint32_t k = all ? 1 : 0; k < taken; ++k) batch[i++] = others_of(holder)[holder->batch_size - 1 + k];
      }
      here = remainder_of(d.warm_stock);
    }
    give_to_arenas(d, batch, n);
    if (here != remainder::surplus) {  // else neighbours of these may still come
      bool more = true;
      for (int i = 0; i < arenas_at_a_time && more; ++i) more = clean_an_arena(d);
      if (more) here = remainder::surplus;
    }
    left = std::max(left, here);
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
