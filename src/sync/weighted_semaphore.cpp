// SPDX-License-Identifier: BSL-1.0
#include <goro/sync/semaphore.hpp>

#include <mutex>
#include <string>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/select.hpp>

#include "sync/sleeper.hpp"

namespace goro {
namespace detail {

/// Lives on the stack of the one who waits; guarded by the semaphore's mutex.
struct semaphore_waiter {
  goroutine* g;
  std::int64_t n;
  chan<void> ready;  // closed when it has the tokens
  semaphore_waiter* next = nullptr;
  bool has_tokens = false;
};

}  // namespace detail

using detail::semaphore_waiter;

namespace {

void check_not_negative(std::int64_t n, const char* what) {
  if (n < 0) detail::throw_panic(std::string("goro::semaphore: ") + what + " " + std::to_string(n) + " is negative");
}

}  // namespace

semaphore::semaphore(std::int64_t tokens) : size_(tokens) { check_not_negative(tokens, "size"); }

void semaphore::acquire(std::int64_t n) { static_cast<void>(acquire(context::background(), n)); }

std::error_code semaphore::acquire(const context& ctx, std::int64_t n) {
  check_not_negative(n, "acquired number");
  if (const std::error_code e = ctx.err()) return e;
  if (try_acquire(n)) return {};
  const recv_chan<void> done = ctx.done();
  if (n > size_) {  // never: it must not hold up the others
    done.recv();
    return ctx.err();
  }

  std::unique_lock lock(mu_);
  if (size_ - held_ >= n && first_waiter() == nullptr) {
    held_ += n;
    return {};
  }
  semaphore_waiter w{detail::self(), n, make_chan<void>()};
  (first_ != nullptr ? last_->next : first_) = &w;
  last_ = &w;
  lock.unlock();
  if (select(recv(w.ready), recv(done)) == 0 && !ctx.err()) return {};

  lock.lock();
  if (w.has_tokens) {  // too late: it is as if it had not got them
    held_ -= n;
  } else {
    semaphore_waiter* before = nullptr;
    for (semaphore_waiter* s = first_; s != &w; s = s->next) before = s;
    (before != nullptr ? before->next : first_) = w.next;
    if (last_ == &w) last_ = before;
  }
  wake_those_who_fit();
  lock.unlock();
  return ctx.err();
}

bool semaphore::try_acquire(std::int64_t n) {
  check_not_negative(n, "acquired number");
  const std::lock_guard lock(mu_);
  if (size_ - held_ < n || first_waiter() != nullptr) return false;
  held_ += n;
  return true;
}

void semaphore::release(std::int64_t n) {
  check_not_negative(n, "released number");
  const std::lock_guard lock(mu_);
  if (n > held_) detail::throw_panic("semaphore: released more than held");
  held_ -= n;
  wake_those_who_fit();
}

semaphore_waiter* semaphore::first_waiter() noexcept {
  while (first_ != nullptr && runtime::is_left_over(first_->g)) first_ = first_->next;
  return first_;
}

void semaphore::wake_those_who_fit() {
  while (semaphore_waiter* const w = first_waiter()) {
    if (size_ - held_ < w->n) return;  // those behind it wait too, though they may need fewer: or it would starve
    held_ += w->n;
    first_ = w->next;
    w->has_tokens = true;
    const chan<void> ready = w->ready;  // w is gone as soon as it is closed
    ready.close();
  }
}

void semaphore::check_unused() {
  bool any = false;
  {
    const std::lock_guard lock(mu_);
    any = first_waiter() != nullptr;
  }
  if (any) detail::destroyed_in_use("semaphore: destroyed while goroutines wait");
}

}  // namespace goro
