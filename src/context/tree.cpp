// SPDX-License-Identifier: BSL-1.0
// The tree of contexts that can be cancelled.
//
// A node knows the one it hangs on (in_), which knows its children. Ending a node ends everything below it before
// cancel() returns, to whomever calls it (rule X3): the locks on the way down are held until what is below is done, so
// that a second caller waits. Locks are taken from the root towards the leaves only, and the walk needs no recursion: a
// chain of contexts may be longer than a goroutine's stack is deep.
//
//   T1  a child is linked  =>  it is not done, or whoever ends it is about to unlink it
//   T2  a linked child is alive: who ends it keeps it until it is unlinked
//   T3  the walk keeps a reference to each node that it has unlinked until all locks are released: what the end of a
//       node destroys, and after_done(), may call into the tree again
//
// A parent of the user's own kind does not know its children: it is asked for after_func(), or else a goroutine watches
// its done(). One that only adds to a library context inside, with the very same done(), is passed by (X14).
// Tested by: conformance/context_*, stress/context_stress.
#include <mutex>

#include <goro/select.hpp>

#include "context/nodes.hpp"

namespace goro::detail {

namespace {

context_errc errc_of(const context& foreign) {
  return foreign.err() == context_errc::deadline_exceeded ? context_errc::deadline_exceeded : context_errc::canceled;
}

}  // namespace

bool cancel_node::attach() {
  context_node& above = of(parent());
  in_ = above.canceller();
  if (in_ == nullptr) return above.foreign() != nullptr && watch_foreign_parent();
  {
    const std::lock_guard lock(in_->mu_);
    if (!in_->is_done()) {
      next_ = in_->first_child_;
      if (next_ != nullptr) next_->previous_ = this;
      in_->first_child_ = this;
      linked_ = true;
      return true;
    }
  }
  cancel(static_cast<context_errc>(in_->err_.load(std::memory_order_acquire)), in_->cause_);
  return true;
}

bool cancel_node::watch_foreign_parent() {
  if (parent().err()) {
    cancel(errc_of(parent()), parent().cause());
    return true;
  }
  const recv_chan<void> above = parent().done();
  if (above == nullptr) return false;
  const auto end = [self = ref<cancel_node>::to(*this)] {
    self->cancel(errc_of(self->parent()), self->parent().cause());
  };
  if (std::function<bool()> stop = of(parent()).foreign()->after_func(end)) {
    std::unique_lock lock(mu_);
    if (!is_done()) {
      stop_foreign_ = std::move(stop);
      has_followers_.store(true, std::memory_order_relaxed);
      return true;
    }
    lock.unlock();
    stop();
    return true;
  }
  goro::go([end, above, here = done()] {
    if (goro::select(goro::recv(above), goro::recv(here)) == 0) end();
  });
  return true;
}

bool cancel_node::cancel(context_errc why, const std::exception_ptr& cause) {
  if (all_done_.load(std::memory_order_acquire)) return false;  // nobody to wait for (X3)
  cancel_node* finished = nullptr;
  cancel_node* met = nullptr;  // ended by others at the same time
  {
    const std::lock_guard lock(mu_);
    if (!finish_locked(why, cause)) return false;
    finish_children(why, cause, finished, met);
    all_done_.store(true, std::memory_order_release);
  }
  leave_parent();
  call_off();
  after_done();  // the last word of this node: it may be gone
  while (finished != nullptr) {
    cancel_node* const n = std::exchange(finished, finished->next_);
    n->call_off();
    n->after_done();
    n->release();
  }
  while (met != nullptr) std::exchange(met, met->next_)->release();
  return true;
}

bool cancel_node::cancel_silently() {
  {
    const std::lock_guard lock(mu_);
    if (!finish_locked(context_errc::canceled, nullptr)) return false;
  }
  leave_parent();
  call_off();
  return true;
}

bool cancel_node::finish_locked(context_errc why, const std::exception_ptr& cause) {
  if (is_done()) return false;
  cause_ = cause;
  err_.store(static_cast<std::uint8_t>(why), std::memory_order_release);
  if (has_channel_.load(std::memory_order_relaxed)) done_.close();
  return true;
}

/// Ends all that is below this node, whose lock is held.
void cancel_node::finish_children(context_errc why, const std::exception_ptr& cause, cancel_node*& finished,
                                  cancel_node*& met) {
  cancel_node* at = this;
  for (;;) {
    if (cancel_node* const child = at->first_child_) {
      at->unlink(*child);
      child->retain();
      child->mu_.lock();
      if (child->finish_locked(why, cause)) {
        at = child;
      } else {
        child->mu_.unlock();
        child->next_ = std::exchange(met, child);
      }
      continue;
    }
    if (at == this) return;
    cancel_node* const up = at->in_;
    at->all_done_.store(true, std::memory_order_release);
    at->mu_.unlock();
    at->next_ = std::exchange(finished, at);
    at = up;
  }
}

void cancel_node::call_off() {
  if (!has_followers_.load(std::memory_order_relaxed)) return;
  std::function<bool()> stop;
  std::optional<std::stop_source> source;
  {
    const std::lock_guard lock(mu_);
    stop.swap(stop_foreign_);
    source.swap(stop_source_);
  }
  if (stop) stop();
  if (source) source->request_stop();
}

void cancel_node::unlink(cancel_node& child) noexcept {
  (child.previous_ != nullptr ? child.previous_->next_ : first_child_) = child.next_;
  if (child.next_ != nullptr) child.next_->previous_ = child.previous_;
  child.next_ = child.previous_ = nullptr;
  child.linked_ = false;
}

void cancel_node::leave_parent() {
  if (in_ == nullptr) return;
  const std::lock_guard lock(in_->mu_);
  if (linked_) in_->unlink(*this);
}

}  // namespace goro::detail
