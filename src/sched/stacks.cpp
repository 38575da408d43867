// SPDX-License-Identifier: BSL-1.0
#include "sched/stacks.hpp"

#include <atomic>
#include <bit>
#include <mutex>
#include <new>

#include <unistd.h>

#include <goro/detail/config.hpp>
#include <goro/detail/spin_lock.hpp>

#include "base/check.hpp"
#include "os/memory.hpp"

namespace goro::runtime {

namespace {

// Class 0 is the default slot. Others are powers of two from 32 KiB up, one class each.
constexpr std::uint8_t first_class_bits = 15;
constexpr std::uint8_t classes = 17;
constexpr std::uint32_t cache_limit = 64;
constexpr std::size_t colours = 31;  // tops that are aligned alike would all fall into the same cache sets

/// A mapping that slots of one class are carved from.
struct arena {
  std::byte* start;
  std::size_t slot_size;
  std::size_t slots;
  stack* descriptors;
  arena* next;
};

struct depot {
  detail::spin_lock lock;  // guards all below
  stack* warm = nullptr;   // newest used first
  stack* cold = nullptr;   // their pages are the kernel's
  std::size_t warm_size = 0;
  std::size_t least_warm = 0;  // the fewest there were since the last trim: nobody needed those
  arena* carving = nullptr;    // the arena with slots that were never used
  std::size_t carved = 0;
};

depot depots[classes + 1];
std::atomic<arena*> arenas{nullptr};

std::size_t guard_size() noexcept {
  static const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return page > stack_guard ? page : stack_guard;
}

std::uint8_t class_of(std::size_t usable) noexcept {
  const std::size_t slot = usable + guard_size();
  if (usable == 0 || (slot <= default_stack_slot && slot > default_stack_slot / 2)) return 0;
  const auto bits = static_cast<std::uint8_t>(std::bit_width(slot - 1));
  return static_cast<std::uint8_t>(bits < first_class_bits ? 1 : bits - first_class_bits + 1);
}

std::size_t slot_size_of(std::uint8_t size_class) noexcept {
  return size_class == 0 ? default_stack_slot : std::size_t{1} << (first_class_bits + size_class - 1);
}

arena* make_arena(std::uint8_t size_class) noexcept {
  const std::size_t slot_size = slot_size_of(size_class);
  const std::size_t slots = slot_size >= (std::size_t{64} << 20) ? 1 : (std::size_t{64} << 20) / slot_size;
  auto* const made = new (std::nothrow) arena{nullptr, slot_size, slots, nullptr, nullptr};
  auto* const descriptors = new (std::nothrow) stack[slots];
  auto* const start = static_cast<std::byte*>(reserve(slot_size * slots, page_size));
  if (made == nullptr || descriptors == nullptr || start == nullptr) {
    delete made;
    delete[] descriptors;
    return nullptr;
  }
  made->start = start;
  made->descriptors = descriptors;
  made->next = arenas.load(std::memory_order_relaxed);
  while (!arenas.compare_exchange_weak(made->next, made, std::memory_order_release)) {
  }
  return made;
}

/// The next slot that was never used, with its guard.
stack* carve(depot& d, std::uint8_t size_class, stack_failure& why) noexcept {
  if (d.carving == nullptr || d.carved == d.carving->slots) {
    arena* const made = make_arena(size_class);
    if (made == nullptr) {
      why = stack_failure::out_of_memory;
      return nullptr;
    }
    d.carving = made;
    d.carved = 0;
  }
  std::byte* const slot = d.carving->start + d.carved * d.carving->slot_size;
  switch (install_guard(slot, guard_size())) {  // K1
    case guard_result::ok: break;
    case guard_result::out_of_memory: why = stack_failure::out_of_memory; return nullptr;
    case guard_result::limit: why = stack_failure::guard_limit; return nullptr;
  }
  stack* const s = &d.carving->descriptors[d.carved];
  s->size_class = size_class;
  s->bottom = slot + guard_size();
  s->top = slot + d.carving->slot_size - (d.carved % colours) * 64;
  ++d.carved;
  return s;
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
  const std::lock_guard<detail::spin_lock> hold(d.lock);
  if (stack* const s = d.warm) {
    d.warm = s->next;
    if (--d.warm_size < d.least_warm) d.least_warm = d.warm_size;
    return s;
  }
  if (stack* const s = d.cold) {
    d.cold = s->next;
    return s;
  }
  return carve(d, size_class, why);
}

void release_stack(stack_cache* cache, stack* s) noexcept {
  if (s->size_class == 0 && cache != nullptr && cache->size < cache_limit) {
    s->next = cache->first;
    cache->first = s;
    ++cache->size;
    return;
  }
  depot& d = depots[s->size_class];
  const std::lock_guard<detail::spin_lock> hold(d.lock);
  s->next = d.warm;
  d.warm = s;
  ++d.warm_size;
}

std::size_t stack_extent(const stack& s) noexcept { return slot_size_of(s.size_class) - guard_size(); }

void flush_stack_cache(stack_cache& cache) noexcept {
  while (stack* const s = cache.first) {
    cache.first = s->next;
    release_stack(nullptr, s);
  }
  cache.size = 0;
}

bool trim_stacks() noexcept {
  constexpr std::size_t batch_limit = 8192;
  bool more = false;
  for (depot& d : depots) {
    // The batch leaves the depot meanwhile, so that nobody runs on a stack whose pages are being given back.
    stack* batch = nullptr;
    {
      const std::lock_guard<detail::spin_lock> hold(d.lock);
      std::size_t unneeded = d.least_warm < batch_limit ? d.least_warm : batch_limit;
      more |= d.least_warm > unneeded;
      d.least_warm -= unneeded;
      for (; unneeded > 0; --unneeded, --d.warm_size) {
        stack* const s = d.warm;
        d.warm = s->next;
        s->next = batch;
        batch = s;
      }
      if (d.least_warm == 0) d.least_warm = d.warm_size;
    }
    stack* last = nullptr;
    for (stack* s = batch; s != nullptr; last = s, s = s->next) decommit(s->bottom, stack_extent(*s));
    if (last == nullptr) continue;
    const std::lock_guard<detail::spin_lock> hold(d.lock);
    last->next = d.cold;
    d.cold = batch;
  }
  return more;
}

bool find_guard(const void* address, stack_bounds& found) noexcept {
  const auto* const at = static_cast<const std::byte*>(address);
  for (const arena* a = arenas.load(std::memory_order_acquire); a != nullptr; a = a->next) {
    if (at < a->start || at >= a->start + a->slot_size * a->slots) continue;
    const std::size_t slot = static_cast<std::size_t>(at - a->start) / a->slot_size;
    const std::byte* const bottom = a->start + slot * a->slot_size + guard_size();
    if (at >= bottom) return false;
    found.bottom = bottom;
    found.top = a->start + (slot + 1) * a->slot_size;
    return true;
  }
  return false;
}

}  // namespace goro::runtime
