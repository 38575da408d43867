// SPDX-License-Identifier: BSL-1.0
// A goroutine's control block: all that there is of one until it first runs.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

#include <goro/detail/waiter.hpp>

#include "arch/exception_state.hpp"
#include "arch/sanitizer.hpp"
#include "sched/wait_reason.hpp"
#include "time/timer.hpp"

namespace goro::runtime {

struct machine;
struct stack;
struct local_slot;

enum class status : std::uint8_t {
  free,      // on a free list
  runnable,  // in a run queue, or about to be put there by the one who woke it
  running,   // on a machine
  waiting,   // parked; who made it wait will find it
  blocking,  // inside goro::blocking: on a machine without a processor
  dead,      // ended, or left over by run()
};

enum class goexit_state : std::uint8_t {
  none,
  under_way,     // goexit() unwinds the goroutine
  after_panic,   // goexit() was called while a panic unwound it: it ends with that, and the process lives
};

}  // namespace goro::runtime

namespace goro::detail {

/// Fields without a remark belong to the goroutine itself while it runs, and otherwise to whoever took it out of a
/// queue. Those that the goroutine touches outside the runtime are atomic: see case_pins. A plain thread that blocks in
/// one of our operations has one of these too (thread_proxy.hpp).
///
/// A paragraph is a cache line: what a switch touches, what waiting does, what a beginning and an end do, the rest.
struct alignas(64) goroutine {
  void* sp = nullptr;  // where it stopped; null: it has not run yet
  runtime::machine* m = nullptr;  // the one it runs on, or ran on last; null: a plain thread's
  goroutine* next = nullptr;  // link of the one queue it is in
  runtime::exception_state exceptions;  // while it does not run
  std::atomic<runtime::status> state{runtime::status::free};
  std::atomic<runtime::wait_reason> reason{runtime::wait_reason::none};
  bool slow_switch = false;  // cannot be switched to directly: tied to a thread
  bool is_thread = false;
  bool takes_long = false;  // what it did when it was last seen to run: R4 in ready.cpp
  std::atomic<bool> written_off{false};  // counted among the abandoned, though it goes on and ends: run()'s main one
  std::uint32_t era = 0;  // which run() it belongs to; one of an earlier era never runs again
  runtime::stack* stk = nullptr;

  union place {
    place() noexcept : alone() {}
    waiter alone;  // its place in a channel's queue, other than in a select
    runtime::timer alarm;  // its place among the timers, in a sleep
    struct {
      goroutine* ahead;
      struct {
        goroutine* next;
        std::size_t size;
      } batch;  // that it is the first one of
    } free;  // its place among the free ones (slabs.hpp)
  };
  alignas(64) place waits;
  const void* wait_object = nullptr;
  std::atomic<std::int64_t> waiting_since{0};  // when the monitor first saw it wait; 0: it has not yet

  alignas(64) void (*run)(void* closure) = nullptr;  // null: the main goroutine of run()
  void* closure = nullptr;  // in `room`, or on the heap
  std::uint64_t id = 0;
  std::uint64_t creator_id = 0;
  const void* creator_pc = nullptr;  // where go() was called
  char* name = nullptr;  // owned
  std::atomic<runtime::local_slot*> locals{nullptr};
  std::uint32_t stack_size = 0;  // asked for; 0: the default
  std::uint16_t lock_depth = 0;  // nested os_thread_locks
  std::atomic<runtime::goexit_state> exit{runtime::goexit_state::none};
  bool big_closure = false;  // closure is on the heap

  alignas(64) case_pins pins;
  std::atomic<waiter*> selected{nullptr};  // the case that won; null while the select is open
  std::atomic<std::uint32_t> thread_wake{0};  // a plain thread sleeps on it
  int thread_id = 0;  // of a plain thread
  std::uint32_t closure_align = 0;  // of a big closure
  std::uint8_t calls_apart = 0;  // so far; wraps around
  runtime::sanitizer_fiber fiber;

  static constexpr std::size_t room_size = 64;
  static constexpr std::size_t room_align = 64;  // one cache line
  alignas(room_align) std::byte room[room_size];
};

}  // namespace goro::detail

namespace goro::runtime {

using detail::goroutine;

/// Whose alarm t is.
[[nodiscard]] inline goroutine* sleeper_of(timer* t) noexcept {
  static_assert(std::is_standard_layout_v<goroutine>);
  return reinterpret_cast<goroutine*>(reinterpret_cast<std::byte*>(t) - offsetof(goroutine, waits));
}

/// What a goroutine needs to go on until it waits again or ends, or to begin. Where many wait none of it is in the cache;
/// those that run next are fetched at once. By whoever took g out of a queue.
[[gnu::always_inline]] inline void fetch_goroutine(const goroutine* g) noexcept {  // a call with no effect would go
  __builtin_prefetch(&g->waits);
  __builtin_prefetch(&g->run);
  __builtin_prefetch(g->room);
  if (g->sp == nullptr) return;
  const auto* const sp = static_cast<const std::byte*>(g->sp);
  for (std::size_t line = 0; line < 3; ++line) __builtin_prefetch(sp + line * 64, 1);
}

/// Goroutines in order, linked through goroutine::next.
struct goroutine_list {
  goroutine* first = nullptr;
  goroutine* last = nullptr;
  std::size_t size = 0;

  [[nodiscard]] bool empty() const noexcept { return first == nullptr; }
  void push_back(goroutine* g) noexcept {
    g->next = nullptr;
    (last != nullptr ? last->next : first) = g;
    last = g;
    ++size;
  }
  void push_front(goroutine* g) noexcept {
    g->next = first;
    first = g;
    if (last == nullptr) last = g;
    ++size;
  }
  goroutine* pop_front() noexcept {
    goroutine* const g = first;
    if (g == nullptr) return nullptr;
    first = g->next;
    if (first == nullptr) last = nullptr;
    --size;
    return g;
  }
};

}  // namespace goro::runtime
