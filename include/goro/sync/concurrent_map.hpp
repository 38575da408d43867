// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/detail/hash_table.hpp>
#include <goro/detail/owned.hpp>
#include <goro/detail/spin_lock.hpp>

namespace goro {

/// A map for concurrent use: Go's sync.Map, typed. The keys are spread over 64 parts with a lock each, held for as long
/// as one lookup takes, so operations on different keys seldom meet.
///
/// Blocks:    never for long; what K and V bring (copy, hash, ==) must not block.
/// Ordering:  a write happens before any read that sees it.
/// Errors:    what K's and V's functions throw leaves the map as it was.
template <class K, class V, class Hash = std::hash<K>, class Eq = std::equal_to<K>>
class concurrent_map {
 public:
  concurrent_map() = default;
  concurrent_map(const concurrent_map&) = delete;
  concurrent_map& operator=(const concurrent_map&) = delete;

  [[nodiscard]] std::optional<V> load(const K& key) const {
    const std::size_t hash = hash_of(key);
    const part& p = part_of(hash);
    const detail::spin_guard hold(p.lock);
    const node* const n = p.entries.find(hash, key);
    return n != nullptr ? std::optional<V>(n->value) : std::nullopt;
  }

  void store(const K& key, V value) { static_cast<void>(swap(key, std::move(value))); }

  /// The value that is there, and true; else stores `value`, and returns it with false.
  std::pair<V, bool> load_or_store(const K& key, V value) {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    const detail::spin_guard hold(p.lock);
    if (const node* const n = p.entries.find(hash, key)) return {n->value, true};
    std::pair<V, bool> result(value, false);
    p.entries.insert(hash, key, std::move(value));
    return result;
  }

  /// Removes the key and returns the value that it had.
  std::optional<V> load_and_delete(const K& key) {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    detail::owner<node> removed;  // destroyed without the lock, as in the others below
    {
      const detail::spin_guard hold(p.lock);
      node* const n = p.entries.find(hash, key);
      if (n == nullptr) return std::nullopt;
      p.entries.extract(n);
      removed = detail::owner<node>(n);
    }
    return std::optional<V>(std::move(removed->value));
  }

  /// Removes the key; true if it was there.
  bool erase(const K& key) { return load_and_delete(key).has_value(); }

  /// Stores `value` and returns the one before.
  std::optional<V> swap(const K& key, V value) {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    const detail::spin_guard hold(p.lock);
    if (node* const n = p.entries.find(hash, key)) return std::optional<V>(std::exchange(n->value, std::move(value)));
    p.entries.insert(hash, key, std::move(value));
    return std::nullopt;
  }

  /// Stores `after` if the key is there with a value equal to `before`; true if it did.
  bool compare_and_swap(const K& key, const V& before, V after)
    requires std::equality_comparable<V>
  {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    const detail::spin_guard hold(p.lock);
    node* const n = p.entries.find(hash, key);
    if (n == nullptr || !(n->value == before)) return false;
    std::swap(n->value, after);  // the old value goes with `after`
    return true;
  }

  /// Removes the key if it is there with a value equal to `before`; true if it did.
  bool compare_and_delete(const K& key, const V& before)
    requires std::equality_comparable<V>
  {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    detail::owner<node> removed;
    const detail::spin_guard hold(p.lock);
    node* const n = p.entries.find(hash, key);
    if (n == nullptr || !(n->value == before)) return false;
    p.entries.extract(n);
    removed = detail::owner<node>(n);
    return true;
  }

  void clear() {
    for (part& p : parts_) {
      table removed;
      const detail::spin_guard hold(p.lock);
      p.entries.swap(removed);
    }
  }

  /// Calls f(key, value) with copies until it returns false: each key at most once, in no order. No snapshot: what
  /// others change meanwhile may be seen or not. f may use this map in any way.
  template <class F>
    requires std::is_invocable_r_v<bool, F&, const K&, const V&>
  void range(F f) const {
    for (const part& p : parts_) {
      std::vector<std::pair<K, V>> there;
      {
        const detail::spin_guard hold(p.lock);
        there.reserve(p.entries.size());
        p.entries.for_each([&](const node& n) { there.emplace_back(n.key, n.value); });
      }
      for (const auto& [key, value] : there)
        if (!f(key, value)) return;
    }
  }

 private:
  using table = detail::hash_table<K, V, Eq>;
  using node = typename table::node;

  struct alignas(64) part {
    mutable detail::spin_lock lock;
    table entries;  // guarded by lock
  };
  static constexpr std::size_t part_count = 64;

  /// std::hash of an integer is the integer: spread it, for the part is chosen by the upper bits, the bucket by the
  /// lower ones.
  static std::size_t hash_of(const K& key) {
    const std::uint64_t h = static_cast<std::uint64_t>(Hash{}(key)) * 0x9e37'79b9'7f4a'7c15U;
    return static_cast<std::size_t>(h ^ (h >> 32));
  }
  part& part_of(std::size_t hash) noexcept { return parts_[(hash >> 24) % part_count]; }
  const part& part_of(std::size_t hash) const noexcept { return parts_[(hash >> 24) % part_count]; }

  part parts_[part_count];
};

}  // namespace goro
