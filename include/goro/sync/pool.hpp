// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/detail/biased_lock.hpp>
#include <goro/detail/maybe.hpp>
#include <goro/detail/owned.hpp>
#include <goro/detail/place.hpp>
#include <goro/detail/spin_lock.hpp>
#include <goro/go.hpp>

namespace goro {

/// Objects to be used again, kept where they were put: each thread that runs goroutines has its own, and takes from the
/// others when it has none. What is put may be dropped at any time, so a pool is for what can be made anew.
///
/// Blocks:    never. Safe for concurrent use.
/// Ordering:  a put(x) happens before the get() that returns x; so does make() returning x.
/// Memory:    about 64 objects a thread are kept; put() destroys what is more.
template <class T>
class pool {
  static_assert(std::is_nothrow_move_constructible_v<T>, "goro::pool<T>: T must have a nothrow move constructor");

 public:
  pool() = default;
  /// `make` is called by get() when the pool has nothing; it may run several times at once.
  template <class F>
    requires std::is_invocable_r_v<T, F&>
  explicit pool(F make) : make_(new maker<F>(std::move(make))) {}
  pool(const pool&) = delete;
  pool& operator=(const pool&) = delete;

  /// Something that was put; else what make() returns, or nothing if there is no make().
  [[nodiscard]] std::optional<T> get() {
    std::optional<T> found;
    const detail::place here = detail::this_place();
    if (!owns_shard(here) || !shards_[here.number].take_own(found)) [[unlikely]]
      search(here.number, found);
    if (!found && make_) [[unlikely]]
      found.emplace(make_->make());
    return found;
  }

  void put(T object) {
    const detail::place here = detail::this_place();
    if (!owns_shard(here) || !shards_[here.number].keep_own(object)) [[unlikely]]
      shards_[here.number % shard_count].keep(std::move(object));
  }

 private:
  static constexpr std::size_t shard_count = 16;
  static constexpr std::size_t most = 64;

  static bool owns_shard(detail::place here) noexcept { return here.has_biased && here.number < shard_count; }

  void search(std::size_t from, std::optional<T>& found) noexcept {
    for (std::size_t i = 0; i < shard_count && !found; ++i) shards_[(from + i) % shard_count].take(found);
    for (std::size_t i = 0; i < shard_count && !found; ++i) shards_[(from + i) % shard_count].take_first(found);
  }

  /// One object in the hands of the machine with the shard's number, the others in everybody's.
  class alignas(64) shard {
   public:
    ~shard() {
      if (has_first_.load(std::memory_order_relaxed)) first_.value.~T();
    }
    bool take_own(std::optional<T>& found) noexcept {
      if (!own_.try_lock()) return false;
      const bool has_one = move_first(found);
      own_.unlock();
      return has_one;
    }
    bool keep_own(T& object) noexcept {
      if (!own_.try_lock()) return false;
      const bool has_room = !has_first_.load(std::memory_order_relaxed);
      if (has_room) {
        ::new (static_cast<void*>(std::addressof(first_.value))) T(std::move(object));
        has_first_.store(true, std::memory_order_relaxed);
      }
      own_.unlock();
      return has_room;
    }

    void take(std::optional<T>& found) noexcept {
      if (size_.load(std::memory_order_relaxed) == 0) return;
      const detail::spin_guard hold(lock_);
      if (others_.empty()) return;
      found.emplace(std::move(others_.back()));
      others_.pop_back();
      size_.store(others_.size(), std::memory_order_relaxed);
    }
    /// From the machine: it will do without from then on.
    void take_first(std::optional<T>& found) noexcept {
      if (!has_first_.load(std::memory_order_relaxed)) return;
      const detail::spin_guard hold(lock_);
      if (own_.revoke()) move_first(found);
    }
    void keep(T&& object) {
      const detail::spin_guard hold(lock_);
      if (others_.size() == most) return;
      others_.push_back(std::move(object));
      size_.store(others_.size(), std::memory_order_relaxed);
    }

   private:
    bool move_first(std::optional<T>& to) noexcept {
      if (!has_first_.load(std::memory_order_relaxed)) return false;
      to.emplace(std::move(first_.value));
      first_.value.~T();
      has_first_.store(false, std::memory_order_relaxed);
      return true;
    }

    detail::biased_lock own_;
    std::atomic<bool> has_first_{false};  // written under own_; a hint for the others
    detail::maybe<T> first_;  // guarded by own_; when that is revoked, by lock_
    detail::spin_lock lock_;
    std::atomic<std::size_t> size_{0};  // written under lock_
    std::vector<T> others_;  // guarded by lock_
  };

  struct any_maker {
    virtual ~any_maker() = default;
    virtual T make() = 0;
  };
  template <class F>
  struct maker final : any_maker {
    explicit maker(F function) : f(std::move(function)) {}
    T make() override { return f(); }
    F f;
  };

  shard shards_[shard_count];
  detail::owner<any_maker> make_;
};

}  // namespace goro
