// SPDX-License-Identifier: BSL-1.0
// What AddressSanitizer and ThreadSanitizer must be told of switches between stacks. Empty without them.
//
// ThreadSanitizer takes each goroutine for a thread of its own, and no switch orders anything (no_sync): two
// goroutines that run one after the other on one thread still race if nothing else orders them. What does order
// them is published where it happens: synchronizes_release() by the one who makes a goroutine runnable,
// synchronizes_acquire() by the goroutine when it goes on; locks and atomics are seen by themselves.
//
// The runtime's own state belongs to the thread and is handed from one goroutine to the next without any such
// order, so plain accesses inside the runtime are not looked at, as Go's race detector does not look into Go's
// runtime: enter_runtime() and leave_runtime() bracket them. User code never runs between the two, except for the
// move constructors of channel elements.
#pragma once

#include <atomic>
#include <cstddef>

#include <goro/detail/config.hpp>

#if GORO_ASAN
#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sanitizer/lsan_interface.h>
#endif
#if GORO_TSAN
#include <sanitizer/tsan_interface.h>
#include <sys/mman.h>
extern "C" {
void AnnotateIgnoreReadsBegin(const char* file, int line);
void AnnotateIgnoreReadsEnd(const char* file, int line);
void AnnotateIgnoreWritesBegin(const char* file, int line);
void AnnotateIgnoreWritesEnd(const char* file, int line);
void __tsan_acquire(void* address);
void __tsan_release(void* address);
}
#endif

namespace goro::runtime {

/// There is a sanitizer that has to hear of switches.
inline constexpr bool sanitizer_follows_switches = GORO_ASAN || GORO_TSAN;

/// What a sanitizer keeps for one stack, goroutine's or thread's.
struct sanitizer_fiber {
#if GORO_ASAN
  void* fake_stack = nullptr;
  const void* bottom = nullptr;
  std::size_t size = 0;
#endif
#if GORO_TSAN
  void* fiber = nullptr;
  bool is_new = false;
#endif
};

#if GORO_ASAN
inline void create_fiber(sanitizer_fiber& f, const void* bottom, std::size_t size) noexcept {
  f.bottom = bottom;
  f.size = size;
}
inline void adopt_thread(sanitizer_fiber& f) noexcept {
  pthread_attr_t attributes;
  void* bottom = nullptr;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &bottom, &f.size);
  pthread_attr_destroy(&attributes);
  f.bottom = bottom;
}
/// Nothing of what lay on its stack is left: that belongs to others now.
inline void destroy_fiber(sanitizer_fiber& f) noexcept { __asan_unpoison_memory_region(f.bottom, f.size); }
/// Right before the switch. `ends`: the stack that is left will never go on.
inline void before_switch(sanitizer_fiber& from, sanitizer_fiber& to, bool ends) noexcept {
  __sanitizer_start_switch_fiber(ends ? nullptr : &from.fake_stack, to.bottom, to.size);
}
/// First thing on the stack that goes on.
inline void after_switch(sanitizer_fiber& arrived) noexcept {
  __sanitizer_finish_switch_fiber(arrived.fake_stack, nullptr, nullptr);
}
/// For the leak check at exit: what a goroutine holds that never ran to its end is not lost.
inline void keep_reachable(const void* from, const void* to) noexcept {
  __lsan_register_root_region(from,
                              static_cast<std::size_t>(static_cast<const char*>(to) - static_cast<const char*>(from)));
}
inline bool has_room_for_fiber() noexcept { return true; }
inline void synchronizes_release(void*) noexcept {}
inline void synchronizes_acquire(void*) noexcept {}
inline void enter_runtime_annotation() noexcept {}
inline void leave_runtime_annotation() noexcept {}
#elif GORO_TSAN
inline void enter_runtime_annotation() noexcept {
  AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
  AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
}
inline void leave_runtime_annotation() noexcept {
  AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
  AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}
inline std::atomic<int> fibers{0};
/// Maps the stack anew: what an earlier goroutine did there is not in any order with what this one does.
inline void create_fiber(sanitizer_fiber& f, const void* bottom, std::size_t size) noexcept {
  ::mmap(const_cast<void*>(bottom), size, PROT_READ | PROT_WRITE,
         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK | MAP_FIXED, -1, 0);
  fibers.fetch_add(1, std::memory_order_relaxed);
  f.fiber = __tsan_create_fiber(0);
  f.is_new = true;
}
inline void adopt_thread(sanitizer_fiber& f) noexcept { f.fiber = __tsan_get_current_fiber(); }
inline void destroy_fiber(sanitizer_fiber& f) noexcept {
  fibers.fetch_sub(1, std::memory_order_relaxed);
  __tsan_destroy_fiber(f.fiber);
  f.fiber = nullptr;
}
[[gnu::always_inline]] inline void before_switch(sanitizer_fiber&, sanitizer_fiber& to, bool ends) noexcept {
  if (ends) leave_runtime_annotation();
  __tsan_switch_to_fiber(to.fiber, __tsan_switch_to_fiber_no_sync);
}
/// Every goroutine begins inside the runtime.
inline void after_switch(sanitizer_fiber& arrived) noexcept {
  if (!arrived.is_new) return;
  enter_runtime_annotation();
  arrived.is_new = false;
}
inline void keep_reachable(const void*, const void*) noexcept {}
/// ThreadSanitizer has room for 8128 threads, fibers included, and ends the process at the next.
inline bool has_room_for_fiber() noexcept { return fibers.load(std::memory_order_relaxed) < 8000; }
inline void synchronizes_release(void* address) noexcept { __tsan_release(address); }
inline void synchronizes_acquire(void* address) noexcept { __tsan_acquire(address); }
#else
inline void create_fiber(sanitizer_fiber&, const void*, std::size_t) noexcept {}
inline void adopt_thread(sanitizer_fiber&) noexcept {}
inline void destroy_fiber(sanitizer_fiber&) noexcept {}
[[gnu::always_inline]] inline void before_switch(sanitizer_fiber&, sanitizer_fiber&, bool) noexcept {}
[[gnu::always_inline]] inline void after_switch(sanitizer_fiber&) noexcept {}
inline void keep_reachable(const void*, const void*) noexcept {}
inline bool has_room_for_fiber() noexcept { return true; }
inline void synchronizes_release(void*) noexcept {}
inline void synchronizes_acquire(void*) noexcept {}
inline void enter_runtime_annotation() noexcept {}
inline void leave_runtime_annotation() noexcept {}
#endif

}  // namespace goro::runtime
