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

#include <goro/detail/map_of_bits.hpp>
#include <goro/detail/map_of_nodes.hpp>
#include <goro/detail/spin_lock.hpp>

namespace goro {

/// A map for concurrent use: Go's sync.Map, typed. Reading takes no lock and writes nothing that other processors look at,
/// so it costs the same however many read one key. Writers of different keys seldom meet: the keys are spread over 64
/// parts with a lock each.
///
/// Blocks:    never for long; what K and V bring (copy, hash, ==) must not block, except V's copy constructor in load()
///            and load_or_store(): nobody waits for it.
/// Ordering:  a write happens before any read that sees it.
/// Lifetime:  what is replaced or removed is destroyed at once; if it was just being read, by a later change near it, at the
///            latest with the map. Replacing a value may copy the key.
/// Errors:    what K's and V's functions throw leaves the map as it was.
template <class K, class V, class Hash = std::hash<K>, class Eq = std::equal_to<K>>
class concurrent_map {
 public:
  concurrent_map() = default;
  concurrent_map(const concurrent_map&) = delete;
  concurrent_map& operator=(const concurrent_map&) = delete;

  [[nodiscard]] std::optional<V> load(const K& key) const {
    const std::size_t hash = hash_of(key);
    return part_of(hash).load(hash, key);
  }

  void store(const K& key, V value) {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    garbage replaced;  // destroyed without the lock, as in the others below
    const detail::spin_guard hold(p.lock());
    if (cell* const at = p.find(hash, key)) {
      replaced = p.replace(*at, std::move(value));
    } else {
      p.insert(hash, key, std::move(value));
    }
  }

  /// The value that is there, and true; else stores `value`, and returns it with false.
  std::pair<V, bool> load_or_store(const K& key, V value) {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    if (std::optional<V> there = p.load(hash, key)) return {*std::move(there), true};
    std::pair<V, bool> result(value, false);
    while (!insert_if_absent(hash, key, value))
      if (std::optional<V> there = p.load(hash, key)) return {*std::move(there), true};
    return result;
  }

  /// Removes the key and returns the value that it had.
  std::optional<V> load_and_delete(const K& key) {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    garbage removed;
    const detail::spin_guard hold(p.lock());
    cell* const at = p.find(hash, key);
    return at != nullptr ? p.take(*at, removed) : std::nullopt;
  }

  /// Removes the key; true if it was there.
  bool erase(const K& key) {
    return erase_if(key, [](const V&) { return true; });
  }

  /// Stores `value` and returns the one before.
  std::optional<V> swap(const K& key, V value) {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    garbage replaced;
    const detail::spin_guard hold(p.lock());
    if (cell* const at = p.find(hash, key)) return p.exchange(*at, std::move(value), replaced);
    p.insert(hash, key, std::move(value));
    return std::nullopt;
  }

  /// Stores `after` if the key is there with a value equal to `before`; true if it did.
  bool compare_and_swap(const K& key, const V& before, V after)
    requires std::equality_comparable<V>
  {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    garbage replaced;
    const detail::spin_guard hold(p.lock());
    cell* const at = p.find(hash, key);
    if (at == nullptr || !(p.value_in(*at) == before)) return false;
    replaced = p.replace(*at, std::move(after));
    return true;
  }

  /// Removes the key if it is there with a value equal to `before`; true if it did.
  bool compare_and_delete(const K& key, const V& before)
    requires std::equality_comparable<V>
  {
    return erase_if(key, [&before](const V& value) { return value == before; });
  }

  void clear() {
    for (part& p : parts_) {
      garbage removed;
      const detail::spin_guard hold(p.lock());
      removed = p.remove_all();
    }
  }

  /// Calls f(key, value) with copies until it returns false: each key at most once, in no order. No snapshot: what
  /// others change meanwhile may be seen or not. f may use this map in any way.
  template <class F>
    requires std::is_invocable_r_v<bool, F&, const K&, const V&>
  void range(F f) const {
    for (part& p : parts_) {
      std::vector<std::pair<K, V>> there;
      {
        const detail::spin_guard hold(p.lock());
        there.reserve(p.size());
        p.for_each([&](const K& key, const V& value) { there.emplace_back(key, value); });
      }
      for (const auto& [key, value] : there)
        if (!f(key, value)) return;
    }
  }

 private:
  /// Small plain data lies in the table itself; a reader copies it and looks whether it was left alone meanwhile. Other
  /// types lie in nodes that readers keep alive.
  using part = std::conditional_t<detail::plain_bits<K> && detail::plain_bits<V>, detail::map_of_bits<K, V, Eq>,
                                  detail::map_of_nodes<K, V, Eq>>;
  using cell = typename part::cell;
  using garbage = typename part::garbage;
  static constexpr std::size_t part_count = 64;

  bool insert_if_absent(std::size_t hash, const K& key, V& value) {
    part& p = part_of(hash);
    const detail::spin_guard hold(p.lock());
    if (p.find(hash, key) != nullptr) return false;
    p.insert(hash, key, std::move(value));
    return true;
  }
  template <class Predicate>
  bool erase_if(const K& key, Predicate holds) {
    const std::size_t hash = hash_of(key);
    part& p = part_of(hash);
    garbage removed;
    const detail::spin_guard hold(p.lock());
    cell* const at = p.find(hash, key);
    if (at == nullptr || !holds(p.value_in(*at))) return false;
    removed = p.remove(*at);
    return true;
  }

  /// std::hash of an integer is the integer: spread it, for the part is chosen by the upper bits, the bucket by the
  /// lower ones.
  static std::size_t hash_of(const K& key) {
    const std::uint64_t h = static_cast<std::uint64_t>(Hash{}(key)) * 0x9e37'79b9'7f4a'7c15U;
    return static_cast<std::size_t>(h ^ (h >> 32));
  }
  part& part_of(std::size_t hash) const noexcept { return parts_[(hash >> 24) % part_count]; }

  mutable part parts_[part_count];
};

}  // namespace goro
