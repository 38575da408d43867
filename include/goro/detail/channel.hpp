// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>

#include <goro/detail/spin_lock.hpp>

namespace goro {

/// The outcome of a receive that does not wait.
enum class recv_status {
  ok,      ///< A value was received.
  empty,   ///< Nothing was there at that moment.
  closed,  ///< The channel is closed and drained.
};

namespace detail {

struct waiter;
struct channel_timer;

/// What the compiled-once algorithms need to know of an element type.
struct element_type {
  std::size_t size;   // 0 for chan<void> and empty types: elements are counted, not stored
  std::size_t align;
  void (*move)(void* to, void* from) noexcept;  // constructs *to from *from, which stays alive; null: memcpy
  void (*destroy)(void* element) noexcept;      // null: nothing to do
};

/// Waiters in the order of their arrival. Guarded by the channel's lock; `first` may be peeked at without.
struct wait_queue {
  std::atomic<waiter*> first{nullptr};
  waiter* last = nullptr;
};

/// A channel without its type. src/chan/channel.cpp has the algorithms and the invariants.
struct channel {
  spin_lock lock;
  std::atomic<bool> closed{false};         // written under lock
  std::atomic<std::size_t> count{0};       // values in the ring; written under lock
  std::size_t capacity = 0;
  std::size_t next_recv = 0;               // ring index; guarded by lock
  std::size_t next_send = 0;               // ring index; guarded by lock
  std::byte* ring = nullptr;
  wait_queue receivers;
  wait_queue senders;
  const element_type* type = nullptr;
  channel_timer* timer = nullptr;          // set before publication: a channel made by after()
  std::atomic<std::size_t> references{1};
  channel* next_deferred = nullptr;        // in a goroutine's list of channels to free, see case_pins
  bool deferred = false;                   // is in such a list
  bool orphaned = false;                   // no handle is left, the last waiter frees it; guarded by lock
};

[[nodiscard]] channel* make_channel(std::ptrdiff_t capacity, const element_type& type);
/// The last reference is gone. Frees the channel with what is still buffered, as soon as no select case of the
/// calling goroutine stands on it.
void release_last(channel* c) noexcept;

void send(channel* c, void* value);                   // moves from *value once it is accepted
[[nodiscard]] bool recv(channel* c, void* into);      // constructs *into; false: closed, nothing constructed
[[nodiscard]] bool try_send(channel* c, void* value);
[[nodiscard]] recv_status try_recv(channel* c, void* into);
void close(channel* c);
[[nodiscard]] std::size_t length(const channel* c) noexcept;
[[nodiscard]] std::size_t capacity(const channel* c) noexcept;

inline void retain(channel* c) noexcept {
  if (c != nullptr) c->references.fetch_add(1, std::memory_order_relaxed);
}
inline void release(channel* c) noexcept {
  if (c != nullptr && c->references.fetch_sub(1, std::memory_order_acq_rel) == 1) release_last(c);
}

template <class T>
inline constexpr bool is_plain = std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>;

template <class T>
inline constexpr element_type element_of = {
    std::is_empty_v<T> && is_plain<T> ? 0 : sizeof(T),
    alignof(T),
    is_plain<T> ? nullptr : +[](void* to, void* from) noexcept { ::new (to) T(std::move(*static_cast<T*>(from))); },
    std::is_trivially_destructible_v<T> ? nullptr : +[](void* element) noexcept { static_cast<T*>(element)->~T(); },
};
template <>
inline constexpr element_type element_of<void> = {0, 1, nullptr, nullptr};

/// Small values that a few instructions copy: for them the buffered fast path below is inlined into the caller.
template <class T>
inline constexpr bool is_small = is_plain<T> && !std::is_empty_v<T> && sizeof(T) <= 16;

template <class T>
[[gnu::always_inline]] inline T* slot(channel* c, std::size_t index) noexcept {
  return reinterpret_cast<T*>(c->ring) + index;
}

/// Buffers *value if there is room and nobody waits. False: nothing was done.
template <class T>
[[gnu::always_inline]] inline bool try_buffer(channel* c, const T* value) noexcept {
  if (c == nullptr || c->count.load(std::memory_order_relaxed) >= c->capacity) return false;
  if (c->receivers.first.load(std::memory_order_relaxed) != nullptr || !c->lock.try_lock()) return false;
  const std::size_t n = c->count.load(std::memory_order_relaxed);
  const bool can = n < c->capacity && c->receivers.first.load(std::memory_order_relaxed) == nullptr &&
                   !c->closed.load(std::memory_order_relaxed);
  if (can) [[likely]] {
    std::memcpy(static_cast<void*>(slot<T>(c, c->next_send)), value, sizeof(T));
    c->next_send = c->next_send + 1 == c->capacity ? 0 : c->next_send + 1;
    c->count.store(n + 1, std::memory_order_relaxed);
  }
  c->lock.unlock();
  return can;
}

/// Takes the oldest buffered value if there is one and no sender waits for room. False: nothing was done.
template <class T>
[[gnu::always_inline]] inline bool try_unbuffer(channel* c, T* into) noexcept {
  if (c == nullptr || c->count.load(std::memory_order_relaxed) == 0 || c->timer != nullptr) return false;
  if (c->senders.first.load(std::memory_order_relaxed) != nullptr || !c->lock.try_lock()) return false;
  const std::size_t n = c->count.load(std::memory_order_relaxed);
  const bool can = n != 0 && c->senders.first.load(std::memory_order_relaxed) == nullptr;
  if (can) [[likely]] {
    std::memcpy(static_cast<void*>(into), slot<T>(c, c->next_recv), sizeof(T));
    c->next_recv = c->next_recv + 1 == c->capacity ? 0 : c->next_recv + 1;
    c->count.store(n - 1, std::memory_order_relaxed);
  }
  c->lock.unlock();
  return can;
}

/// True if a receive would wait, without taking the lock. May be asked of a channel that changes meanwhile: there
/// was an instant during the call at which it was so. `closed` is read last: a close that came between is seen, and
/// what was buffered before it too (C20).
[[gnu::always_inline]] inline bool recv_would_wait(const channel* c) noexcept {
  return c == nullptr || (c->count.load(std::memory_order_acquire) == 0 &&
                          c->senders.first.load(std::memory_order_acquire) == nullptr && c->timer == nullptr &&
                          !c->closed.load(std::memory_order_acquire));
}

}  // namespace detail
}  // namespace goro
