// SPDX-License-Identifier: BSL-1.0
#include <goro/sync/semaphore.hpp>

#include <string>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/select.hpp>

#include "sync/sleeper.hpp"

namespace goro {
namespace detail {

/// Lives on the stack of the one who waits; guarded by the semaphore's lock.
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

constexpr const char* acquired = "acquired number";

[[noreturn]] void refuse(std::int64_t n, const char* what) {
  detail::throw_panic(std::string("goro::semaphore: ") + what + " " + std::to_string(n) + " is negative");
}

inline void check_not_negative(std::int64_t n, const char* what) {
  if (n < 0) [[unlikely]]
    refuse(n, what);
}

}  // namespace

semaphore::semaphore(std::int64_t tokens) : size_(tokens) { check_not_negative(tokens, "size"); }

inline bool semaphore::take(std::int64_t n) noexcept {
  const detail::spin_guard hold(lock_);
  if (size_ - held_ < n || first_waiter() != nullptr) return false;
  held_ += n;
  return true;
}

void semaphore::acquire(std::int64_t n) {
  check_not_negative(n, acquired);
  if (!take(n)) static_cast<void>(wait(context::background(), n));
}

std::error_code semaphore::acquire(const context& ctx, std::int64_t n) {
  check_not_negative(n, acquired);
  const std::error_code e = ctx.err();
  return e || take(n) ? e : wait(ctx, n);
}

bool semaphore::try_acquire(std::int64_t n) {
  check_not_negative(n, acquired);
  return take(n);
}

std::error_code semaphore::wait(const context& ctx, std::int64_t n) {
  const recv_chan<void> done = ctx.done();
  if (n > size_) {  // never: it must not hold up the others
    done.recv();
    return ctx.err();
  }

  semaphore_waiter w{detail::self(), n, make_chan<void>()};
  {
    const detail::spin_guard hold(lock_);
    if (size_ - held_ >= n && first_waiter() == nullptr) {
      held_ += n;
      return {};
    }
    (first_ != nullptr ? last_->next : first_) = &w;
    last_ = &w;
  }
  if (select(recv(w.ready), recv(done)) == 0 && !ctx.err()) return {};

  {
    const detail::spin_guard hold(lock_);
    if (w.has_tokens) {  // too late: it is as if it had not got them
      held_ -= n;
    } else {
      semaphore_waiter* before = nullptr;
      for (semaphore_waiter* s = first_; s != &w; s = s->next) before = s;
      (before != nullptr ? before->next : first_) = w.next;
      if (last_ == &w) last_ = before;
    }
  }
  wake_those_who_fit();
  return ctx.err();
}

void semaphore::release(std::int64_t n) {
  check_not_negative(n, "released number");
  bool too_many = false;
  bool anybody_waits = false;
  {
    const detail::spin_guard hold(lock_);
    too_many = n > held_;
    if (!too_many) held_ -= n;
    anybody_waits = first_ != nullptr;
  }
  if (too_many) detail::throw_panic("semaphore: released more than held");
  if (anybody_waits) wake_those_who_fit();
}

semaphore_waiter* semaphore::first_waiter() noexcept {
  while (first_ != nullptr && runtime::is_left_over(first_->g)) first_ = first_->next;
  return first_;
}

/// The channel that is to be closed for the first one, which has its tokens then and may be gone at once; nil if there are not
/// enough of them. Those behind it wait too, though they may need fewer: or it would starve.
chan<void> semaphore::grant_first() {
  const detail::spin_guard hold(lock_);
  semaphore_waiter* const w = first_waiter();
  if (w == nullptr || size_ - held_ < w->n) return {};
  held_ += w->n;
  first_ = w->next;
  w->has_tokens = true;
  return w->ready;
}

void semaphore::wake_those_who_fit() {
  while (const chan<void> ready = grant_first()) ready.close();
}

void semaphore::check_unused() {
  bool any = false;
  {
    const detail::spin_guard hold(lock_);
    any = first_waiter() != nullptr;
  }
  if (any) detail::destroyed_in_use("semaphore: destroyed while goroutines wait");
}

}  // namespace goro
