// SPDX-License-Identifier: BSL-1.0
#include "sched/locals.hpp"

#include <new>

#include "sched/scheduler.hpp"

namespace goro::runtime {

struct local_slot {
  const void* key;
  void* value;
  void (*destroy)(void*);
  local_slot* next;
};

namespace {

goroutine* self() {
  const machine* const m = this_machine();
  return m != nullptr && m->g != nullptr ? m->g : this_thread_proxy();
}

}  // namespace

void destroy_locals(goroutine* g) {
  while (local_slot* const first = g->locals.load(std::memory_order_relaxed)) {
    g->locals.store(first->next, std::memory_order_relaxed);
    first->destroy(first->value);
    delete first;
  }
}

}  // namespace goro::runtime

namespace goro::detail {

void* local_get(const void* key) noexcept {
  for (const runtime::local_slot* s = runtime::self()->locals.load(std::memory_order_relaxed); s != nullptr;
       s = s->next)
    if (s->key == key) return s->value;
  return nullptr;
}

void local_set(const void* key, void* value, void (*destroy)(void*)) {
  goroutine* const g = runtime::self();
  auto* const slot =
      new (std::nothrow) runtime::local_slot{key, value, destroy, g->locals.load(std::memory_order_relaxed)};
  if (slot == nullptr) {
    destroy(value);
    throw std::bad_alloc();
  }
  g->locals.store(slot, std::memory_order_relaxed);
}

}  // namespace goro::detail
