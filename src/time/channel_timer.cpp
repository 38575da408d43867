// SPDX-License-Identifier: BSL-1.0
#include "time/channel_timer.hpp"

#include <goro/time.hpp>

#include "chan/wait_queue.hpp"
#include "time/timers.hpp"

namespace goro::detail {

struct channel_timer {
  runtime::timer timer;  // first, so that one address is both
  channel* c;
  spin_lock lock{};  // stop and reset are several steps
};

namespace {

void fire(runtime::timer* t, std::int64_t now, runtime::goroutine_list& woken) {
  channel* const c = reinterpret_cast<channel_timer*>(t)->c;
  clock::time_point value{clock::duration(now)};
  goroutine* receiver = nullptr;
  c->lock.lock();
  static_cast<void>(try_send_locked(c, &value, receiver));  // a full buffer: the earlier value still stands
  c->lock.unlock();
  if (receiver != nullptr) woken.push_back(receiver);
  if (t->period == 0) t->heap.store(nullptr, std::memory_order_release);  // whoever drops the channel waits for this
}

}  // namespace

channel* make_timer_channel(std::chrono::nanoseconds d, std::chrono::nanoseconds period, const element_type& type) {
  channel* const c = make_channel(1, type);
  c->timer = new channel_timer{runtime::timer(fire), c};
  c->timer->timer.period = period.count();
  const runtime::runtime_call call;
  runtime::start_timer(call, c->timer->timer, runtime::due_after(d));
  return c;
}

namespace {

/// True if it was armed, or had sent a value that nobody has received: that one is taken back.
bool disarm(const runtime::runtime_call& call, channel* c) {
  const bool was_armed = runtime::timer_heap::remove(call, c->timer->timer);
  clock::time_point withdrawn;
  goroutine* nobody = nullptr;
  c->lock.lock();
  const bool had_value = try_recv_locked(c, &withdrawn, nobody) == channel_step::done;
  c->lock.unlock();
  return was_armed || had_value;
}

}  // namespace

bool stop_timer_channel(channel* c) {
  const runtime::runtime_call call;
  const spin_guard hold(c->timer->lock);
  return disarm(call, c);
}

bool reset_timer_channel(channel* c, std::chrono::nanoseconds d, std::chrono::nanoseconds period) {
  const runtime::runtime_call call;
  const spin_guard hold(c->timer->lock);
  const bool was_active = disarm(call, c);
  c->timer->timer.period = period.count();
  runtime::start_timer(call, c->timer->timer, runtime::due_after(d));
  return was_active;
}

void check_period(std::chrono::nanoseconds period, const char* text) {
  if (period.count() <= 0) throw_panic(text);
}

void run_if_due(channel_timer* t) {
  const runtime::runtime_call call;
  runtime::timer_heap* const heap = t->timer.heap.load(std::memory_order_acquire);
  if (heap == nullptr) return;
  const std::int64_t now = runtime::now_ns();
  if (heap->next_due() > now) return;
  runtime::goroutine_list woken;
  heap->run_due(now, woken);
  runtime::ready_all(call.on(), woken);
}

void stop_channel_timer(channel_timer* t) noexcept {
  const runtime::runtime_call call;
  runtime::timer_heap::remove(call, t->timer);
}

void delete_channel_timer(channel_timer* t) noexcept { delete t; }

}  // namespace goro::detail
