// SPDX-License-Identifier: BSL-1.0
// Select.
//
//   1  Look at each channel without its lock, and pick one of those that seem ready at random. It is locked and tried.
//   2  Nothing was ready: lock all channels, in the order of their addresses, and look again. This is the one instant at
//      which a select acts; `otherwise` is chosen here.
//   3  Queue a waiter at every channel and park; all locks are released behind the switch.
//   4  Whoever can complete one of the cases claims the select first: one compare-and-swap of `selected`, under that
//      channel's lock. The others pass its waiters by.
//   5  Awake: leave the queues of the cases that lost.
//
//   S1  At most one case takes effect: completing a case needs the claim, and there is one.
//   S2  A waiter is not touched after it was unlinked, or else claimed and its goroutine made runnable.
//   S3  While the locks are still being released, the select may have been claimed and run again, and the list of
//       them is on its stack. Nothing of it is read after the last lock was released, and step 5 cannot be over before:
//       the last channel is either one that lost, whose lock step 5 takes, or the one that won, after its release.
//
// Why all locks at once in step 2? A select over a and b must not choose `otherwise` if at each instant one of them
// was ready (rule S9); looking at one after the other can miss both.
// Tested by: model/select.pml, conformance/select_*, stress/select_stress.
#include <algorithm>
#include <functional>
#include <span>
#include <vector>

#include <goro/select.hpp>

#include "chan/wait_queue.hpp"
#include "time/channel_timer.hpp"

namespace goro::detail {

using runtime::runtime_call;
using runtime::wait_reason;

namespace {

bool seems_ready(const waiter& w) noexcept {
  const channel* const c = w.c;
  if (c->closed.load(std::memory_order_acquire)) return true;
  if (w.sends)
    return c->count.load(std::memory_order_acquire) < c->capacity ||
           c->receivers.first.load(std::memory_order_acquire) != nullptr;
  return c->count.load(std::memory_order_acquire) != 0 || c->senders.first.load(std::memory_order_acquire) != nullptr;
}

channel_step try_locked(waiter& w, goroutine*& woken) noexcept {
  return w.sends ? try_send_locked(w.c, w.value, woken) : try_recv_locked(w.c, w.value, woken);
}

/// The case was carried out; its channel is unlocked.
void conclude(runtime_call& call, waiter& w, channel_step step, goroutine* woken) {
  w.success = step == channel_step::done;
  if (step == channel_step::closed && w.sends) throw_panic("send on closed channel");
  if (woken != nullptr) call.ready(woken);
}

/// One of those that seem ready, each as likely as the others; null if none does.
waiter* pick_ready(waiter* cases, std::size_t n, runtime::random_source& random) noexcept {
  waiter* picked = nullptr;
  std::uint32_t ready = 0;
  for (waiter* w = cases; w != cases + n; ++w) {
    if (w->c == nullptr || !seems_ready(*w)) continue;
    if (ready++ == 0 || random.below(ready) == 0) picked = w;
  }
  return picked;
}

/// The cases whose channel is not nil, in the order of its address.
using lock_order = std::span<waiter*>;

lock_order sort_by_address(waiter* cases, waiter** order, std::size_t n) {
  const auto before = [](const waiter* a, const waiter* b) { return std::less<const channel*>{}(a->c, b->c); };
  constexpr std::size_t few = 16;
  std::size_t size = 0;
  for (waiter* w = cases; w != cases + n; ++w) {
    if (w->c == nullptr) continue;
    std::size_t at = size++;
    for (; n <= few && at > 0 && before(w, order[at - 1]); --at) order[at] = order[at - 1];
    order[at] = w;
  }
  if (n > few) std::sort(order, order + size, before);
  return {order, size};
}

/// Each channel once, though it may stand in several cases: f(channel), in lock order.
template <class F>
void for_each_channel(lock_order order, F f) {
  for (std::size_t i = 0; i < order.size();) {
    channel* const c = order[i]->c;
    while (++i < order.size() && order[i]->c == c) {
    }
    f(c);
  }
}

runtime::machine* unlock_all_after_switch(runtime::machine* m, void* argument) {
  const lock_order order = *static_cast<const lock_order*>(argument);
  for_each_channel(order, [](channel* c) { c->lock.unlock_after_switch(); });  // S3: looks ahead before it unlocks
  return m;
}

/// Step 5, for one channel.
void leave(waiter& w) noexcept {
  channel* const c = w.c;
  c->lock.lock();
  if (w.queued) unlink(w.sends ? c->senders : c->receivers, w);
  const bool ours_to_free = c->orphaned && c->receivers.first.load(std::memory_order_relaxed) == nullptr &&
                            c->senders.first.load(std::memory_order_relaxed) == nullptr;
  c->lock.unlock();
  if (ours_to_free) destroy_channel(c);
}

std::size_t select_one(waiter& w, bool has_otherwise) {
  if (!has_otherwise) {
    if (w.sends) {
      send(w.c, w.value);
      w.success = true;
    } else {
      w.success = recv(w.c, w.value);
    }
    return 0;
  }
  if (w.sends) {
    w.success = try_send(w.c, w.value);
    return w.success ? 0 : 1;
  }
  if (recv_would_wait(w.c)) return 1;
  const recv_status status = try_recv(w.c, w.value);
  w.success = status == recv_status::ok;
  return status == recv_status::empty ? 1 : 0;
}

}  // namespace

std::size_t select(waiter* cases, waiter** room, std::size_t n, bool has_otherwise) {
  if (n == 1) return select_one(cases[0], has_otherwise);
  if (has_otherwise)
    for (std::size_t i = 0; i < n; ++i)
      if (cases[i].c != nullptr && cases[i].c->timer != nullptr) run_if_due(cases[i].c->timer);

  runtime_call call;
  goroutine* woken = nullptr;
  const auto index_of = [cases](const waiter* w) { return static_cast<std::size_t>(w - cases); };

  if (waiter* const w = pick_ready(cases, n, call.random())) {  // 1
    w->c->lock.lock();
    const channel_step step = try_locked(*w, woken);
    w->c->lock.unlock();
    if (step != channel_step::would_wait) {
      conclude(call, *w, step, woken);
      return index_of(w);
    }
  }

  lock_order order = sort_by_address(cases, room, n);
  if (order.empty()) {
    if (has_otherwise) return n;
    call.park(runtime::do_nothing, nullptr, n == 0 ? wait_reason::select_no_cases : wait_reason::select, nullptr);
    runtime::check_failed("false", "park: a goroutine that waits for ever went on", __FILE__, __LINE__);
  }

  for_each_channel(order, [](channel* c) { c->lock.lock(); });  // 2
  while (waiter* const w = pick_ready(cases, n, call.random())) {
    const channel_step step = try_locked(*w, woken);
    if (step == channel_step::would_wait)
      continue;  // who waited there has been claimed elsewhere, and has left the queue
    for_each_channel(order, [](channel* c) { c->lock.unlock(); });
    conclude(call, *w, step, woken);
    return index_of(w);
  }
  if (has_otherwise) {
    for_each_channel(order, [](channel* c) { c->lock.unlock(); });
    return n;
  }

  goroutine* const self = call.self();
  self->selected.store(nullptr, std::memory_order_relaxed);
  for (waiter* const w : order) {  // 3
    w->g = self;
    w->in_select = true;
    enqueue(w->sends ? w->c->senders : w->c->receivers, *w);
  }
  for_each_channel(order, [](channel* c) { c->lock.prepare_handover(); });
  call.park(unlock_all_after_switch, &order, wait_reason::select, cases);

  waiter* const won = self->selected.load(std::memory_order_acquire);  // 5
  for (waiter* const w : order)
    if (w != won) leave(*w);
  if (won->sends && !won->success) throw_panic("send on closed channel");
  return index_of(won);
}

}  // namespace goro::detail

namespace goro {

std::size_t select(std::span<select_case> cases) {
  if (cases.size() > 65536) detail::throw_panic("select: too many cases (max 65536): " + std::to_string(cases.size()));
  std::vector<detail::waiter> waiters;
  std::vector<std::size_t> index;
  std::size_t otherwise_at = cases.size();
  waiters.reserve(cases.size());
  index.reserve(cases.size() + 1);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!cases[i].owned_) {
      if (otherwise_at != cases.size()) detail::throw_panic("select: otherwise may stand only once");
      otherwise_at = i;
      continue;
    }
    detail::waiter& w = waiters.emplace_back();
    w.c = cases[i].owned_->handle.core();
    cases[i].owned_->prepare(w);
    index.push_back(i);
  }
  index.push_back(otherwise_at);
  struct forget_all {
    std::span<select_case> cases;
    ~forget_all() {
      for (select_case& one : cases)
        if (one.owned_) one.owned_->forget();
    }
  };
  std::size_t chosen = 0;
  {
    const forget_all after{cases};
    std::vector<detail::waiter*> order(waiters.size());
    chosen = detail::select(waiters.data(), order.data(), waiters.size(), otherwise_at != cases.size());
  }
  if (chosen == waiters.size()) {
    if (cases[otherwise_at].otherwise_) cases[otherwise_at].otherwise_();
  } else {
    cases[index[chosen]].owned_->finish(waiters[chosen].success);
  }
  return index[chosen];
}

void select() {
  detail::select(nullptr, nullptr, 0, false);
  __builtin_unreachable();
}

}  // namespace goro
