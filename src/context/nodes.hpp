// SPDX-License-Identifier: BSL-1.0
// The kinds of contexts that can be cancelled. tree.cpp has the rules of the tree that they form.
#pragma once

#include <atomic>
#include <optional>
#include <stop_token>
#include <string>

#include <goro/context.hpp>
#include <goro/sync/mutex.hpp>

#include "arch/sanitizer.hpp"
#include "time/timer_heap.hpp"

namespace goro::detail {

/// Done when it is cancelled or its parent is done.
class cancel_node : public context_node {
 public:
  explicit cancel_node(const context& above) : context_node(above), deadline_(above.deadline()) {}

  /// Makes it a child of its parent, right after it was made; it may be done afterwards. False: nothing above can end it.
  bool attach();
  /// True if it was this call that ended it.
  bool cancel(context_errc why, const std::exception_ptr& cause);

  recv_chan<void> done() override;
  std::error_code err() override;
  std::exception_ptr cause() override;
  std::optional<clock::time_point> deadline() override { return deadline_; }
  std::string own_description() override { return ".WithCancel"; }
  cancel_node* canceller() override { return this; }
  [[nodiscard]] std::stop_token token();

  void retain_handle() noexcept { handles_.fetch_add(1, std::memory_order_relaxed); }
  void release_handle() {
    // Who has the only handle need not count down: nobody else can make another.
    if (handles_.load(std::memory_order_acquire) != 1 && handles_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    cancel(context_errc::canceled, nullptr);
    release();
  }

 protected:
  /// It is done, and all below it; no lock is held.
  virtual void after_done() {}
  /// Ends it without after_done(), if it has not ended.
  bool cancel_silently();
  [[nodiscard]] bool is_done() const noexcept { return err_.load(std::memory_order_acquire) != 0; }

 private:
  bool watch_foreign_parent();
  bool finish_locked(context_errc why, const std::exception_ptr& cause);
  void finish_children(context_errc why, const std::exception_ptr& cause, cancel_node*& finished, cancel_node*& met);
  void call_off();
  void unlink(cancel_node& child) noexcept;
  void leave_parent();

  const std::optional<clock::time_point> deadline_;
  mutex mu_;
  std::atomic<std::uint8_t> err_{0};  // a context_errc; written under mu_, after cause_
  std::atomic<bool> all_done_{false};  // it is done, and so is all below it; written under mu_
  std::exception_ptr cause_;  // null: the same as err_
  std::atomic<bool> has_channel_{false};  // done_ will not change any more
  chan<void> done_;  // guarded by mu_ until has_channel_
  cancel_node* first_child_ = nullptr;  // guarded by mu_
  std::atomic<bool> has_followers_{false};  // the next two are not empty; written under mu_, before it is done
  std::optional<std::stop_source> stop_source_;  // guarded by mu_
  std::function<bool()> stop_foreign_;  // guarded by mu_
  cancel_node* in_ = nullptr;  // whose child this is; set by attach()
  cancel_node* next_ = nullptr;  // guarded by in_->mu_ while linked, then of a list of tree.cpp
  cancel_node* previous_ = nullptr;  // guarded by in_->mu_
  bool linked_ = false;  // guarded by in_->mu_
  std::atomic<std::uint32_t> handles_{1};
};

/// Done at a time, too.
class deadline_node final : public cancel_node {
 public:
  deadline_node(const context& above, clock::time_point when, std::exception_ptr cause)
      : cancel_node(above), when_(when), late_cause_(std::move(cause)), timer_(*this) {}

  void start_timer();
  void expire() { cancel(context_errc::deadline_exceeded, late_cause_); }
  std::optional<clock::time_point> deadline() override { return when_; }
  std::string own_description() override;

 protected:
  void after_done() override;

 private:
  struct expiry : runtime::timer {
    explicit expiry(deadline_node& n);
    deadline_node& node;
  };
  const clock::time_point when_;
  const std::exception_ptr late_cause_;
  expiry timer_;  // while armed, a handle keeps the node alive
};

/// Starts a goroutine when its parent is done. Nobody holds a handle: it keeps itself alive while it is registered.
class after_func_node final : public cancel_node {
 public:
  after_func_node(const context& above, owned_function f) : cancel_node(above), f_(std::move(f)) {}
  void register_with_parent();
  bool stop();

 protected:
  void after_done() override;

 private:
  owned_function f_;  // belongs to the one who ends it
  bool registered_ = false;
};

/// Done when a std::stop_token's stop is requested.
///
/// std::stop_callback thinks in threads: its destructor waits for a callback that runs on another thread, and takes one
/// on the same thread for its own caller. So the callback keeps its goroutine on its thread, where nobody else runs then,
/// and leaves the last reference to another goroutine. What ThreadSanitizer cannot know is that a goroutine which destroys
/// the callback on the requester's thread does so afterwards; hence the annotations.
class stop_token_node final : public cancel_node {
 public:
  explicit stop_token_node(std::stop_token token) : cancel_node(context::background()) {
    callback_.emplace(std::move(token), canceller_of{this});
  }
  ~stop_token_node() override {
    runtime::enter_runtime_annotation();
    callback_.reset();
    runtime::leave_runtime_annotation();
  }
  static void operator delete(void* node) noexcept {
    runtime::enter_runtime_annotation();
    ::operator delete(node);
    runtime::leave_runtime_annotation();
  }
  std::string own_description() override { return ".StopToken"; }

 private:
  struct canceller_of {
    cancel_node* node;
    void operator()() const {
      if (!node->try_retain()) return;
      const os_thread_lock here;
      node->cancel(context_errc::canceled, nullptr);
      goro::go([last = ref<cancel_node>(node)] {});
    }
  };
  std::optional<std::stop_callback<canceller_of>> callback_;
};

}  // namespace goro::detail
