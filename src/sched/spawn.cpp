// SPDX-License-Identifier: BSL-1.0
// A goroutine's beginning and end.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include "arch/context.hpp"
#include "base/check.hpp"
#include "debug/dump.hpp"
#include "debug/last_words.hpp"
#include "sched/blocks.hpp"
#include "sched/locals.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

using guard = global_guard;

namespace {

constexpr std::uint64_t id_batch = 256;

void give_id(machine* m, goroutine* g) {
  if (m == nullptr) {
    g->id = sched.last_id.fetch_add(1) + 1;
    return;
  }
  processor* const p = m->p;
  if (p->next_id == p->last_id) {
    p->next_id = sched.last_id.fetch_add(id_batch) + 1;
    p->last_id = p->next_id + id_batch;
  }
  g->id = p->next_id++;
}

void free_closure(goroutine* g) noexcept {
  if (g->big_closure) ::operator delete(g->closure, std::align_val_t{g->closure_align});
  g->big_closure = false;
  g->closure = nullptr;
}

[[gnu::always_inline]] inline void release_goroutine(machine* m, goroutine* g) {
  g->sp = nullptr;
  g->m = nullptr;
  g->exceptions = {};
  if (g->name != nullptr) {
    std::free(g->name);
    g->name = nullptr;
  }
  g->slow_switch = false;
  g->takes_long = false;
  g->written_off.store(false, std::memory_order_relaxed);
  g->lock_depth = 0;
  g->exit.store(goexit_state::none, std::memory_order_relaxed);
  g->stack_size = 0;
  g->state.store(status::free, std::memory_order_relaxed);
  if (m != nullptr && m->p != nullptr) {
    control_blocks.release(m->p->blocks, g);
  } else {
    control_blocks.release(g);
  }
}

[[gnu::always_inline]] inline goroutine* make_block(machine* m) {
  goroutine* const g = m != nullptr ? control_blocks.acquire(m->p->blocks) : control_blocks.acquire();
  if (g == nullptr) [[unlikely]]
    throw std::bad_alloc();
  give_id(m, g);
  g->era = sched.era.load(std::memory_order_relaxed);
  return g;
}

}  // namespace

goroutine* new_goroutine_block(machine* m) { return make_block(m); }

void give_stack(machine* m, goroutine* g) {
  stack_failure why{};
  if (!has_room_for_fiber()) die_without_stack(g, stack_failure::sanitizer_limit);
  g->stk = acquire_stack(m->p->stacks, g->stack_size, why);
  if (g->stk == nullptr) die_without_stack(g, why);
  m->count.stacks.add(1);
  if (GORO_ASAN != 0 || GORO_TSAN != 0) {
    const stack described = *g->stk;
    create_fiber(g->fiber, described.bottom, stack_extent(described));
    if (GORO_TSAN != 0) *g->stk = described;  // it has mapped the slot anew
  }
  g->sp = prepare_stack(g->stk->top());
}

/// g has ended and its stack is out of use.
void recycle(machine* m, goroutine* g) {
  destroy_fiber(g->fiber);
  if (!g->written_off.load(std::memory_order_relaxed)) {  // otherwise run() has settled its account
    m->count.stacks.add(-1);
    m->count.ended.add();
  }
  release_stack(&m->p->stacks, std::exchange(g->stk, nullptr), g->stack_size);
  if (m->locked_g == g) {  // its thread ends with it
    m->locked_g = nullptr;
    m->ends = true;
  }
  release_goroutine(m, g);
}

extern "C" void goro_entry_main(machine* m) {
  synchronizes_acquire(m->g);
  for (;;) {
    goroutine* const g = m->g;
    auto* const run = g->run;
    void* const closure = g->closure;
    leave_runtime(m);
    run(closure);
    if (g->exit.load(std::memory_order_relaxed) == goexit_state::under_way) die_of_swallowed_goexit(g);
    if (g->locals.load(std::memory_order_relaxed) != nullptr) destroy_locals(g);
    m = enter_runtime(this_machine());
    free_closure(g);
    goroutine* const next = g->slow_switch ? nullptr : pick_at_hand(m);
#if !GORO_ASAN && !GORO_TSAN
    // The next one is a fresh goroutine: it begins where this one ended, on the same stack.
    if (next != nullptr && next->sp == nullptr && next->stack_size == 0 && g->stack_size == 0 && !next->slow_switch) {
      next->stk = std::exchange(g->stk, nullptr);
      next->sp = next->stk->top();
      next->m = m;
      next->state.store(status::running, std::memory_order_relaxed);
      m->g = next;
      m->count.ended.add();
      release_goroutine(m, g);
      continue;
    }
#endif
    end_goroutine(m, next);
  }
}

/// After an exception has left the goroutine's function: goexit, the closure is gone already.
void end_after_unwinding() {
  goroutine* const g = this_machine()->g;
  if (g->locals.load(std::memory_order_relaxed) != nullptr) destroy_locals(g);
  if (g->id == 1) sched.main_has_exited.store(true);
  machine* const m = enter_runtime(this_machine());
  free_closure(g);
  end_goroutine(m, nullptr);
}

}  // namespace goro::runtime

namespace goro::detail {

using namespace runtime;

namespace {

[[gnu::noinline, gnu::cold]] void check_stack_size(std::size_t size) {
  if (size < minimum_stack_size || size > maximum_stack_size)
    throw_panic("goro::go: stack_size " + std::to_string(size) + " is out of range: at least " +
                std::to_string(minimum_stack_size) + " and at most " + std::to_string(maximum_stack_size) +
                " bytes, or 0 for the default of " + std::to_string(default_stack_size));
}

/// Null if there is no memory: a name is not worth an error.
[[gnu::noinline]] char* copy_of(std::string_view name) noexcept {
  const std::size_t n = std::min<std::size_t>(name.size(), 31);
  auto* const copy = static_cast<char*>(std::calloc(n + 1, 1));
  if (copy != nullptr) std::memcpy(copy, name.data(), n);
  return copy;
}

}  // namespace

new_goroutine begin_spawn(std::size_t size, std::size_t align, const go_options& options) {
  if (options.stack_size != 0) [[unlikely]]
    check_stack_size(options.stack_size);
  void* big = nullptr;
  // Where ThreadSanitizer looks, always on the heap: it knows that memory of malloc is new, of a control block not.
  if (GORO_TSAN != 0 || size > goroutine::room_size || align > goroutine::room_align)
    big = ::operator new(size, std::align_val_t{align < 16 ? 16 : align});
  char* const name = options.name.empty() ? nullptr : copy_of(options.name);
  const runtime_call call;
  goroutine* const g = make_block(call.on());
  g->stack_size = static_cast<std::uint32_t>(options.stack_size);
  g->name = name;
  g->big_closure = big != nullptr;
  if (big != nullptr) g->closure_align = static_cast<std::uint32_t>(align < 16 ? 16 : align);
  g->closure = big != nullptr ? big : static_cast<void*>(g->room);
  g->creator_id = call.self()->id;
  return {g, g->closure};
}

[[gnu::noinline]] void start_spawn(new_goroutine made, void (*run)(void* closure)) {
  const void* const called_from = __builtin_return_address(0);
  const runtime_call call;
  goroutine* const g = made.g;
  g->run = run;
  g->creator_pc = called_from;
  machine* const m = call.on();
  if (m != nullptr) {
    m->count.spawned.add();
  } else {
    const guard hold(sched.lock);
    sched.outside.spawned.add();
  }
  g->state.store(status::waiting, std::memory_order_relaxed);
  ready(m, g);
}

void cancel_spawn(new_goroutine made) noexcept {
  const runtime_call call;
  free_closure(made.g);
  release_goroutine(call.on(), made.g);
}

void go_of_nil_func() { fatal("go of nil func value"); }

}  // namespace goro::detail
