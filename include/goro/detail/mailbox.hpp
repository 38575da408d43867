// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include <goro/sync/cond.hpp>
#include <goro/sync/mutex.hpp>

namespace goro::detail {

/// A bounded queue that can be closed while others wait to put: what was put is taken, what comes later is refused. With
/// a channel, whoever closes it has to know that nobody sends any more.
template <class T>
class mailbox {
 public:
  explicit mailbox(std::size_t capacity) : capacity_(capacity) {}

  /// Blocks while it is full. False, and x is untouched: it is closed.
  [[nodiscard]] bool put(T& x) {
    std::unique_lock lock(mu_);
    not_full_.wait(lock, [this] { return closed_ || queue_.size() < capacity_; });
    return push(x);
  }
  /// False: it is full or closed.
  [[nodiscard]] bool try_put(T& x) {
    const std::lock_guard lock(mu_);
    return queue_.size() < capacity_ && push(x);
  }
  /// Takes it even if it is full. False: it is closed.
  [[nodiscard]] bool put_beyond_capacity(T& x) {
    const std::lock_guard lock(mu_);
    return push(x);
  }
  /// Blocks while it is empty. Nothing: it is closed, and all has been taken.
  [[nodiscard]] std::optional<T> take() {
    std::unique_lock lock(mu_);
    not_empty_.wait(lock, [this] { return closed_ || !queue_.empty(); });
    if (queue_.empty()) return std::nullopt;
    std::optional<T> first(std::move(queue_.front()));
    queue_.pop_front();
    not_full_.signal();
    return first;
  }
  void close() {
    const std::lock_guard lock(mu_);
    closed_ = true;
    not_full_.broadcast();
    not_empty_.broadcast();
  }
  /// What nobody will take: close() and the rest of it.
  [[nodiscard]] std::deque<T> close_and_take_all() {
    close();
    const std::lock_guard lock(mu_);
    return std::exchange(queue_, {});
  }
  [[nodiscard]] bool is_closed() const {
    const std::lock_guard lock(mu_);
    return closed_;
  }
  [[nodiscard]] std::size_t size() const {
    const std::lock_guard lock(mu_);
    return queue_.size();
  }

 private:
  bool push(T& x) {
    if (closed_) return false;
    queue_.push_back(std::move(x));
    not_empty_.signal();
    return true;
  }

  const std::size_t capacity_;
  mutable mutex mu_;
  cond not_full_;
  cond not_empty_;
  std::deque<T> queue_;  // guarded by mu_
  bool closed_ = false;  // guarded by mu_
};

}  // namespace goro::detail
