// SPDX-License-Identifier: BSL-1.0
// Channels.
//
// A channel is a ring of `capacity` slots and two queues of parked waiters. One rule explains the code: whoever
// arrives second finishes the operation for both, so a waiter never looks again; it wakes with its result decided.
// An unbuffered channel is no special case: its ring is always both empty and full.
//
// States (n = values in the ring)
//
//                 receive                      send                         close
//   open, n = 0   take from a waiting sender,  give to a waiting receiver,  wake everybody
//                 else park                    else buffer, else park
//   open, n > 0   pop; admit oldest sender     buffer, else park            wake the senders
//   closed        pop, else "closed"           panic                        panic
//
// Invariants, whenever `lock` is free
//   C1  a receiver waits, other than in a select that also sends here  =>  n == 0
//   C2  a sender waits                                                 =>  n == capacity
//   C3  closed                                                         =>  nobody waits
//   C4  a waiter's `success` is written once, by the one who took it out of the queue
//
// Not an invariant: "one of the queues is empty". A select that both sends to and receives from one unbuffered
// channel waits in both.
//
// Why not a lock-free ring? Select must look at several channels at one instant; with locks, taken in the order of
// addresses, that is a few lines. See docs/decisions/0001.
//
// Memory order: everything is under `lock`, except that `count`, `closed` and the queues' `first` may be peeked at,
// to refuse without the lock what cannot be done (recv_would_wait() has the argument).
// Tested by: conformance/chan_*, unit/chan_*, stress/channels_stress.
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>

#include "chan/wait_queue.hpp"
#include "time/channel_timer.hpp"

namespace goro::detail {

using runtime::machine;
using runtime::runtime_call;
using runtime::wait_reason;

namespace {

void move_value(const element_type& type, void* to, void* from) noexcept {
  if (type.move != nullptr) {
    type.move(to, from);
  } else if (type.size == sizeof(std::uint64_t)) [[likely]] {  // no call
    std::memcpy(to, from, sizeof(std::uint64_t));
  } else if (type.size != 0) {
    std::memcpy(to, from, type.size);
  }
}

void* slot(const channel* c, std::size_t index) noexcept { return c->ring + index * c->type->size; }

void advance(const channel* c, std::size_t& index) noexcept { index = index + 1 == c->capacity ? 0 : index + 1; }

/// Destroys what move_value() left behind in a slot of the ring.
void destroy_slot(const channel* c, std::size_t index) noexcept {
  if (c->type->destroy != nullptr) c->type->destroy(slot(c, index));
}

void push(channel* c, void* value) noexcept {
  move_value(*c->type, slot(c, c->next_send), value);
  advance(c, c->next_send);
  c->count.store(c->count.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

void pop(channel* c, void* into) noexcept {
  move_value(*c->type, into, slot(c, c->next_recv));
  destroy_slot(c, c->next_recv);
  advance(c, c->next_recv);
  c->count.store(c->count.load(std::memory_order_relaxed) - 1, std::memory_order_release);
}

[[gnu::always_inline]] inline channel_step send_step(channel* c, void* value, goroutine*& woken) noexcept {
  if (waiter* const receiver = dequeue(c->receivers)) {  // and it is open: C3
    move_value(*c->type, receiver->value, value);
    receiver->success = true;
    woken = receiver->g;
    return channel_step::done;
  }
  if (c->closed.load(std::memory_order_relaxed)) return channel_step::closed;
  if (c->count.load(std::memory_order_relaxed) == c->capacity) return channel_step::would_wait;
  push(c, value);
  return channel_step::done;
}

[[gnu::always_inline]] inline channel_step recv_step(channel* c, void* into, goroutine*& woken) noexcept {
  if (c->count.load(std::memory_order_relaxed) != 0) {
    waiter* const sender = c->senders.first.load(std::memory_order_relaxed) != nullptr ? dequeue(c->senders) : nullptr;
    if (sender == nullptr) {
      pop(c, into);
      return channel_step::done;
    }
    // The ring is full: the sender's value takes the place of the one that leaves. `count` does not move, so that one
    // who peeks at it never finds the channel empty meanwhile (C20).
    move_value(*c->type, into, slot(c, c->next_recv));
    destroy_slot(c, c->next_recv);
    advance(c, c->next_recv);
    move_value(*c->type, slot(c, c->next_send), sender->value);
    advance(c, c->next_send);
    sender->success = true;
    woken = sender->g;
    return channel_step::done;
  }
  if (waiter* const sender = dequeue(c->senders)) {
    move_value(*c->type, into, sender->value);
    sender->success = true;
    woken = sender->g;
    return channel_step::done;
  }
  return c->closed.load(std::memory_order_relaxed) ? channel_step::closed : channel_step::would_wait;
}

/// Not on the stack: whoever wakes many goes from one to the next, and stacks lie far apart. The lock passes on to whoever
/// runs behind the switch.
waiter& queue_up(goroutine* g, channel* c, wait_queue& queue, void* value) noexcept {
  waiter& w = g->waits.alone;
  w.c = c;
  w.value = value;
  w.g = g;
  w.sends = &queue == &c->senders;
  w.in_select = false;  // an alarm may have been here
  w.success = false;
  enqueue(queue, w);
  c->lock.prepare_handover();
  return w;
}

void count_channel(int n) noexcept {
  if (machine* const m = runtime::this_machine()) {
    m->count.channels.add(n);
  } else {
    const runtime::global_guard hold(runtime::sched.lock);
    runtime::sched.outside.channels.add(n);
  }
}

/// Apart: the frequent way needs no frame then.
[[gnu::noinline, gnu::cold]] case_pins& pins_of_thread() noexcept { return runtime::this_thread_proxy()->pins; }

machine* unlock_channel(machine* m, void* c) {
  static_cast<channel*>(c)->lock.unlock_after_switch();
  return m;
}

[[noreturn]] void wait_for_ever(wait_reason reason) {
  runtime_call call;
  call.park(runtime::do_nothing, nullptr, reason, nullptr);
  runtime::check_failed("false", "park: a goroutine that waits for ever went on", __FILE__, __LINE__);
}

void free_channel(channel* c) noexcept {
  if (c->timer != nullptr) stop_channel_timer(c->timer);
  c->lock.lock();
  const bool waited_for = c->receivers.first.load(std::memory_order_relaxed) != nullptr ||
                          c->senders.first.load(std::memory_order_relaxed) != nullptr;
  c->orphaned = waited_for;
  c->lock.unlock();
  if (!waited_for) destroy_channel(c);
}

}  // namespace

case_pins& current_pins() noexcept {
  const machine* const m = runtime::this_machine();
  if (m == nullptr || m->g == nullptr) [[unlikely]]
    return pins_of_thread();
  return m->g->pins;
}

channel* make_channel(std::ptrdiff_t capacity, const element_type& type) {
  constexpr std::size_t most = std::size_t{1} << 47;  // no address space is larger
  const auto n = static_cast<std::size_t>(capacity);
  if (capacity < 0 || (type.size != 0 && n > (most - sizeof(channel)) / type.size))
    throw_panic("makechan: size out of range");
  const std::size_t align = type.align > alignof(channel) ? type.align : alignof(channel);
  const std::size_t header = (sizeof(channel) + align - 1) / align * align;
  auto* const memory = static_cast<std::byte*>(::operator new(header + n * type.size, std::align_val_t{align}));
  auto* const c = ::new (memory) channel;
  c->capacity = n;
  c->ring = memory + header;
  c->type = &type;
  count_channel(1);
  return c;
}

void destroy_channel(channel* c) noexcept {
  for (std::size_t n = c->count.load(std::memory_order_relaxed); n > 0; --n) {
    destroy_slot(c, c->next_recv);
    advance(c, c->next_recv);
  }
  if (c->timer != nullptr) delete_channel_timer(c->timer);
  const std::size_t align = c->type->align > alignof(channel) ? c->type->align : alignof(channel);
  c->~channel();
  ::operator delete(static_cast<void*>(c), std::align_val_t{align});
  count_channel(-1);
}

void release_last(channel* c) noexcept {
  case_pins& pins = current_pins();
  const std::size_t word = pins.word.load(std::memory_order_relaxed);
  if (word < case_pins::one_case) {
    free_channel(c);
  } else if (!c->deferred) {
    c->deferred = true;
    c->next_deferred = pins.deferred.load(std::memory_order_relaxed);
    pins.deferred.store(c, std::memory_order_relaxed);
    pins.word.store(word | case_pins::some_deferred, std::memory_order_relaxed);
  }
}

void release_deferred(case_pins& pins) noexcept {
  while (channel* const c = pins.deferred.load(std::memory_order_relaxed)) {
    pins.deferred.store(c->next_deferred, std::memory_order_relaxed);
    if (c->next_deferred == nullptr)
      pins.word.store(pins.word.load(std::memory_order_relaxed) & ~case_pins::some_deferred, std::memory_order_relaxed);
    c->deferred = false;
    if (c->references.load(std::memory_order_acquire) == 0) free_channel(c);  // a case may have made a new handle
  }
}

channel_step try_send_locked(channel* c, void* value, goroutine*& woken) noexcept { return send_step(c, value, woken); }
channel_step try_recv_locked(channel* c, void* into, goroutine*& woken) noexcept { return recv_step(c, into, woken); }

namespace {

// What follows holds the lock.

[[gnu::always_inline]] inline void send_locked(runtime_call& call, channel* c, void* value) {
  goroutine* woken = nullptr;
  const channel_step step = send_step(c, value, woken);
  if (step == channel_step::would_wait) {
    const waiter& w = queue_up(call.self(), c, c->senders, value);
    call.park(unlock_channel, c, wait_reason::chan_send, c);
    if (!w.success) throw_panic("send on closed channel");
    return;
  }
  c->lock.unlock();
  if (step == channel_step::closed) throw_panic("send on closed channel");
  if (woken != nullptr) call.ready(woken);
}

[[gnu::always_inline]] inline bool recv_locked(runtime_call& call, channel* c, void* into) {
  goroutine* woken = nullptr;
  const channel_step step = recv_step(c, into, woken);
  if (step == channel_step::would_wait) {
    const waiter& w = queue_up(call.self(), c, c->receivers, into);
    call.park(unlock_channel, c, wait_reason::chan_receive, c);
    return w.success;
  }
  c->lock.unlock();
  if (woken != nullptr) call.ready(woken);
  return step == channel_step::done;
}

[[gnu::noinline]] void send_at_once(channel* c, void* value, machine& m) {
  runtime_call call(m);
  send_locked(call, c, value);
}

[[gnu::noinline]] bool recv_at_once(channel* c, void* into, machine& m) {
  runtime_call call(m);
  return recv_locked(call, c, into);
}

machine* after_send(machine* m) {
  const runtime_call call(*m);
  runtime::end_wait(m);
  if (!m->g->waits.alone.success) throw_panic("send on closed channel");
  return m;
}

bool after_recv(machine* m) {
  const runtime_call call(*m);
  runtime::end_wait(m);
  return m->g->waits.alone.success;
}

[[gnu::noinline]] void send_later(channel* c, void* value, machine* m) {
  queue_up(m->g, c, c->senders, value);
  runtime::begin_wait(m, wait_reason::chan_send, c);
  runtime::goro_wait(m, unlock_channel, c, after_send, runtime::switch_away);
}

[[gnu::noinline]] bool recv_later(channel* c, void* into, machine* m) {
  queue_up(m->g, c, c->receivers, into);
  runtime::begin_wait(m, wait_reason::chan_receive, c);
  return runtime::goro_wait_for_bool(m, unlock_channel, c, after_recv, runtime::switch_away);
}

// What follows does not.

[[gnu::noinline]] void send_slowly(channel* c, void* value) {
  if (c == nullptr) wait_for_ever(wait_reason::chan_send_nil);
  runtime_call call;
  c->lock.lock();
  send_locked(call, c, value);
}

[[gnu::noinline]] bool recv_slowly(channel* c, void* into) {
  if (c == nullptr) wait_for_ever(wait_reason::chan_receive_nil);
  runtime_call call;
  c->lock.lock();
  return recv_locked(call, c, into);
}

/// Enters the runtime and takes the lock, if neither takes a wait.
[[gnu::always_inline]] inline machine* try_enter(channel* c) noexcept {
  machine* const m = runtime::this_machine();
  if (c == nullptr || m == nullptr || !runtime::try_enter_runtime(m)) [[unlikely]]
    return nullptr;
  if (!c->lock.try_lock()) [[unlikely]] {
    runtime::leave_runtime(m);
    return nullptr;
  }
  return m;
}

}  // namespace

// These have no frame: they end in a call of what does the work, so that its return is theirs (docs/decisions/0010).

void send(channel* c, void* value) {
  machine* const m = try_enter(c);
  if (m == nullptr) [[unlikely]]
    return send_slowly(c, value);
  if (c->receivers.first.load(std::memory_order_relaxed) == nullptr &&
      c->count.load(std::memory_order_relaxed) == c->capacity && !c->closed.load(std::memory_order_relaxed))
    return send_later(c, value, m);
  send_at_once(c, value, *m);
}

bool recv(channel* c, void* into) {
  machine* const m = try_enter(c);
  if (m == nullptr) [[unlikely]]
    return recv_slowly(c, into);
  if (c->count.load(std::memory_order_relaxed) == 0 && c->senders.first.load(std::memory_order_relaxed) == nullptr &&
      !c->closed.load(std::memory_order_relaxed))
    return recv_later(c, into, m);
  return recv_at_once(c, into, *m);
}

bool try_send(channel* c, void* value) {
  if (c == nullptr) return false;
  // Refuse without the lock: there was an instant at which it was full, or unbuffered without a receiver, and open.
  if (!c->closed.load(std::memory_order_acquire) && c->receivers.first.load(std::memory_order_acquire) == nullptr &&
      c->count.load(std::memory_order_acquire) == c->capacity && !c->closed.load(std::memory_order_acquire))
    return false;
  runtime_call call;
  c->lock.lock();
  goroutine* woken = nullptr;
  const channel_step step = send_step(c, value, woken);
  c->lock.unlock();
  if (step == channel_step::closed) throw_panic("send on closed channel");
  if (woken != nullptr) call.ready(woken);
  return step == channel_step::done;
}

recv_status try_recv(channel* c, void* into) {
  if (c == nullptr) return recv_status::empty;
  if (c->timer != nullptr) run_if_due(c->timer);
  runtime_call call;
  c->lock.lock();
  goroutine* woken = nullptr;
  const channel_step step = recv_step(c, into, woken);
  c->lock.unlock();
  if (woken != nullptr) call.ready(woken);
  switch (step) {
    case channel_step::done: return recv_status::ok;
    case channel_step::closed: return recv_status::closed;
    case channel_step::would_wait: break;
  }
  return recv_status::empty;
}

void close(channel* c) {
  if (c == nullptr) throw_panic("close of nil channel");
  runtime_call call;
  c->lock.lock();
  if (c->closed.load(std::memory_order_relaxed)) {
    c->lock.unlock();
    throw_panic("close of closed channel");
  }
  c->closed.store(true, std::memory_order_release);
  // In one walk, under the lock: a second one would fetch each of many from memory again.
  runtime::wakes woken(call.on());
  for (wait_queue* const queue : {&c->receivers, &c->senders})
    while (waiter* const w = dequeue(*queue)) {
      w->success = false;
      woken.add(w->g);
    }
  c->lock.unlock();
  woken.end();
}

std::size_t length(const channel* c) noexcept {
  return c == nullptr || c->timer != nullptr ? 0 : c->count.load(std::memory_order_acquire);
}

std::size_t capacity(const channel* c) noexcept { return c == nullptr || c->timer != nullptr ? 0 : c->capacity; }

}  // namespace goro::detail
