// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/detail/owned.hpp>
#include <goro/detail/processor_index.hpp>
#include <goro/detail/spin_lock.hpp>
#include <goro/go.hpp>

namespace goro {

/// Objects to be used again, kept where they were put: each processor has its own, and takes from the others when it
/// has none. What is put may be dropped at any time, so a pool is for what can be made anew.
///
/// Blocks:    never. Safe for concurrent use.
/// Ordering:  a put(x) happens before the get() that returns x; so does make() returning x.
/// Memory:    about 64 objects a processor are kept; put() destroys what is more.
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
    const std::size_t mine = detail::processor_index();
    std::optional<T> found;
    for (std::size_t i = 0; i < shard_count && !found; ++i) shards_[(mine + i) % shard_count].take(found);
    if (!found && make_) found.emplace(make_->make());
    return found;
  }

  void put(T object) { shards_[detail::processor_index() % shard_count].keep(std::move(object)); }

 private:
  static constexpr std::size_t shard_count = 16;
  static constexpr std::size_t most = 64;

  class alignas(64) shard {
   public:
    void take(std::optional<T>& found) noexcept {
      if (size_.load(std::memory_order_relaxed) == 0) return;
      const detail::spin_guard hold(lock_);
      const std::size_t size = size_.load(std::memory_order_relaxed);
      if (size == 0) return;
      if (first_) {
        found.swap(first_);
      } else {
        found.emplace(std::move(others_.back()));
        others_.pop_back();
      }
      size_.store(size - 1, std::memory_order_relaxed);
    }
    void keep(T&& object) {
      const detail::spin_guard hold(lock_);
      const std::size_t size = size_.load(std::memory_order_relaxed);
      if (size == most) return;
      if (!first_) {
        first_.emplace(std::move(object));
      } else {
        others_.push_back(std::move(object));
      }
      size_.store(size + 1, std::memory_order_relaxed);
    }

   private:
    detail::spin_lock lock_;
    std::atomic<std::size_t> size_{0};  // written under lock_
    std::optional<T> first_;            // guarded by lock_, as others_: the first that came comes back first
    std::vector<T> others_;
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
