// SPDX-License-Identifier: BSL-1.0
// A part of a concurrent_map whose keys and values are a few plain bits. They lie in an array of cells, searched from the
// place that the hash says up to the first empty one.
//
//   reader                                            writer, under the lock
//   V1  read the version: even, or look again         M1  version += 1, now odd
//       search; copy a key and its value              M2  change cells
//   V2  the version is still that ? they belong       M3  version += 1
//       together : look again
//
//   B1  The bits are atomic words, written with release and read with acquire: a reader that saw anything of M2 sees M1 at
//       V2. Nothing is done with what it copied before that: equality is asked only of a key that was really there.
//   B2  M1, V1 and V2 are in the single order, so a load after a store never seems to come before it.
//   B3  Nothing but smaller arrays is ever taken from readers, and those stay until the end. Together they are smaller than
//       the newest.
//
// A reader that was disturbed a few times looks under the lock. Readers write nothing, ever.
// Tested by: conformance/sync_map_test, unit/concurrent_map_memory_test, stress/sync_stress.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include <goro/detail/spin_lock.hpp>

namespace goro::detail {

template <class T>
concept plain_bits = std::is_trivially_copyable_v<T> && std::is_copy_constructible_v<T> && sizeof(T) <= 32;

/// A T that may be read while it is written: what was read is a T only if nobody wrote.
template <plain_bits T>
class torn_value {
  static constexpr std::size_t word_size = sizeof(std::uint64_t);
  static constexpr std::size_t word_count = (sizeof(T) + word_size - 1) / word_size;

 public:
  /// The bits of one reading.
  class copy {
   public:
    copy() = default;
    explicit copy(const torn_value& from) noexcept {
      for (std::size_t i = 0; i < word_count; ++i) {
        const std::uint64_t word = from.words_[i].load(std::memory_order_acquire);
        std::memcpy(bytes_ + i * word_size, &word, word_size);
      }
    }
    const T& operator*() const noexcept { return *std::launder(reinterpret_cast<const T*>(bytes_)); }

   private:
    alignas(T) alignas(std::uint64_t) unsigned char bytes_[word_count * word_size];
  };

  void store(const T& value) noexcept {
    std::uint64_t words[word_count] = {};
    std::memcpy(words, &value, sizeof(T));
    for (std::size_t i = 0; i < word_count; ++i) words_[i].store(words[i], std::memory_order_release);
  }

 private:
  std::atomic<std::uint64_t> words_[word_count] = {};
};

/// All but load() is called under the lock.
template <class K, class V, class Eq>
class map_of_bits {
 public:
  struct cell {
    std::atomic<std::size_t> hash{0};  // with `full`; 0: empty
    torn_value<K> key;
    torn_value<V> value;
  };
  /// Nothing has to be destroyed.
  struct [[maybe_unused]] garbage {};

  map_of_bits() = default;
  map_of_bits(const map_of_bits&) = delete;
  map_of_bits& operator=(const map_of_bits&) = delete;
  ~map_of_bits() {
    for (const block* b = cells_.load(std::memory_order_relaxed); b != nullptr;) delete std::exchange(b, b->smaller);
  }

  [[nodiscard]] std::optional<V> load(std::size_t hash, const K& key) {
    for (int tries = 0; tries < 3; ++tries) {
      bits_of<V> value;
      switch (look(hash, key, value)) {
        case sight::found: return std::optional<V>(*value);
        case sight::absent: return std::nullopt;
        case sight::disturbed: break;
      }
    }
    const spin_guard hold(lock_);
    const cell* const at = find(hash, key);
    return at != nullptr ? std::optional<V>(value_in(*at)) : std::nullopt;
  }

  spin_lock& lock() noexcept { return lock_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] cell* find(std::size_t hash, const K& key) const {
    const block* const b = cells_.load(std::memory_order_relaxed);
    if (b == nullptr) return nullptr;
    for (std::size_t i = hash;; ++i) {
      cell& at = (*b)[i];
      const std::size_t there = at.hash.load(std::memory_order_relaxed);
      if (there == 0) return nullptr;
      if (there == (hash | full) && Eq{}(*bits_of<K>(at.key), key)) return &at;
    }
  }
  [[nodiscard]] static V value_in(const cell& at) noexcept { return *bits_of<V>(at.value); }
  template <class F>
  void for_each(F f) const {
    const block* const b = cells_.load(std::memory_order_relaxed);
    if (b == nullptr) return;
    for (std::size_t i = 0; i <= b->mask; ++i)
      if ((*b)[i].hash.load(std::memory_order_relaxed) != 0) f(*bits_of<K>((*b)[i].key), *bits_of<V>((*b)[i].value));
  }

  void insert(std::size_t hash, const K& key, const V& value) {
    const block* b = cells_.load(std::memory_order_relaxed);
    if (b == nullptr || 4 * (size_ + 1) > 3 * (b->mask + 1)) b = grow();
    const change under_way(version_);
    put(*b, hash | full, key, value);
    ++size_;
  }
  garbage replace(cell& at, const V& value) noexcept {
    const change under_way(version_);
    at.value.store(value);
    return {};
  }
  std::optional<V> exchange(cell& at, const V& value, garbage&) noexcept {
    std::optional<V> before(value_in(at));
    replace(at, value);
    return before;
  }
  std::optional<V> take(cell& at, garbage&) noexcept {
    std::optional<V> before(value_in(at));
    remove(at);
    return before;
  }
  /// Closes the gap: what comes behind, and was put there because this cell was taken, moves up.
  garbage remove(cell& at) noexcept {
    const change under_way(version_);
    const block& b = *cells_.load(std::memory_order_relaxed);
    auto gap = static_cast<std::size_t>(&at - b.cells);
    for (std::size_t i = gap + 1; const std::size_t hash = b[i].hash.load(std::memory_order_relaxed); ++i) {
      if (((i - hash) & b.mask) < i - gap) continue;  // its search begins behind the gap
      b[gap].key.store(*bits_of<K>(b[i].key));
      b[gap].value.store(*bits_of<V>(b[i].value));
      b[gap].hash.store(hash, std::memory_order_release);
      gap = i;
    }
    b[gap].hash.store(0, std::memory_order_release);
    --size_;
    return {};
  }
  garbage remove_all() noexcept {
    const block* const b = cells_.load(std::memory_order_relaxed);
    if (b == nullptr) return {};
    const change under_way(version_);
    for (std::size_t i = 0; i <= b->mask; ++i) (*b)[i].hash.store(0, std::memory_order_release);
    size_ = 0;
    return {};
  }

 private:
  static constexpr std::size_t full = ~(~std::size_t{0} >> 1);
  template <class T>
  using bits_of = typename torn_value<T>::copy;

  struct block {
    block(const block* before, std::size_t count) : smaller(before), mask(count - 1), cells(new cell[count]) {}
    block(const block&) = delete;
    block& operator=(const block&) = delete;
    ~block() { delete[] cells; }
    cell& operator[](std::size_t i) const noexcept { return cells[i & mask]; }
    const block* const smaller;  // what it replaced
    const std::size_t mask;
    cell* const cells;  // a power of two of them
  };

  class change {
   public:
    explicit change(std::atomic<std::size_t>& version) noexcept
        : version_(version), after_(version.load(std::memory_order_relaxed) + 2) {
      version_.store(after_ - 1);  // M1
    }
    change(const change&) = delete;
    change& operator=(const change&) = delete;
    ~change() { version_.store(after_, std::memory_order_release); }  // M3

   private:
    std::atomic<std::size_t>& version_;
    const std::size_t after_;
  };

  enum class sight { found, absent, disturbed };

  [[nodiscard]] sight look(std::size_t hash, const K& key, bits_of<V>& value) const {
    const std::size_t version = version_.load();  // V1
    if (version % 2 != 0) return sight::disturbed;
    if (const block* const b = cells_.load(std::memory_order_acquire)) {
      for (std::size_t i = 0; i <= b->mask; ++i) {
        const cell& at = (*b)[hash + i];
        const std::size_t there = at.hash.load(std::memory_order_acquire);
        if (there == 0) break;
        if (there != (hash | full)) continue;
        const bits_of<K> its_key(at.key);
        value = bits_of<V>(at.value);
        if (version_.load() != version) return sight::disturbed;  // V2
        if (Eq{}(*its_key, key)) return sight::found;
      }
    }
    return version_.load() == version ? sight::absent : sight::disturbed;  // V2
  }

  static void put(const block& b, std::size_t hash, const K& key, const V& value) noexcept {
    std::size_t i = hash;
    while (b[i].hash.load(std::memory_order_relaxed) != 0) ++i;
    b[i].key.store(key);
    b[i].value.store(value);
    b[i].hash.store(hash, std::memory_order_release);
  }
  const block* grow() {
    const block* const before = cells_.load(std::memory_order_relaxed);
    const block* const b = new block(before, before == nullptr ? 8 : 2 * (before->mask + 1));
    if (before != nullptr)
      for (std::size_t i = 0; i <= before->mask; ++i)
        if (const std::size_t hash = (*before)[i].hash.load(std::memory_order_relaxed); hash != 0)
          put(*b, hash, *bits_of<K>((*before)[i].key), *bits_of<V>((*before)[i].value));
    const change under_way(version_);
    cells_.store(b, std::memory_order_release);
    return b;
  }

  // What readers look at has a line of its own, so that writers who wait do not disturb them.
  alignas(64) std::atomic<const block*> cells_{nullptr};
  std::atomic<std::size_t> version_{0};

  alignas(64) spin_lock lock_;
  std::size_t size_ = 0;  // guarded by lock_
};

}  // namespace goro::detail
