// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <goro/detail/hazard.hpp>
#include <goro/detail/spin_lock.hpp>

namespace goro::detail {

/// A hash table of entries that is changed under its lock and read without it: a part of a concurrent_map. Hashes, keys
/// and memory of the entries are the caller's. The protocol between readers and writers is in src/sync/shared_table.cpp.
class shared_table {
 public:
  /// The base of what is stored.
  struct entry {
    entry* next = nullptr;  // in a list of entries that have been taken out
    std::uint32_t pins = 0;  // guarded by lock: how many read it that found it under the lock
  };
  struct cell {
    explicit cell(entry* e, std::size_t hash_code) noexcept : there(e), hash(hash_code) {}
    std::atomic<entry*> there;
    std::atomic<std::size_t> hash;  // set before `there`
  };
  using copier = void (*)(const entry& from, void* to);
  class reading;

  shared_table() = default;
  shared_table(const shared_table&) = delete;
  shared_table& operator=(const shared_table&) = delete;
  ~shared_table();

  // All that follows is called under the lock.

  /// The cell of the entry with this hash that the predicate holds for, or null.
  template <class Matches>
  [[nodiscard]] cell* find(std::size_t hash, Matches matches) const;
  template <class F>
  void for_each(F f) const;
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Takes e over; nothing in the table may match it.
  void insert(std::size_t hash, entry* e);
  /// Puts another one with the same key into its place, and returns the one before.
  entry* replace(cell& at, entry* e) noexcept { return at.there.exchange(e); }
  /// Takes what is there out of the readers' sight: those that look for it wait for the lock. Until show() or remove().
  entry* hide(cell& at) noexcept;
  void show(cell& at, entry* e) noexcept;
  void remove(cell& hidden) noexcept;
  /// Takes all out, and returns the list of them.
  [[nodiscard]] entry* remove_all() noexcept;

  /// Copies what is hidden if somebody is reading it.
  [[nodiscard]] bool copy_if_read(const entry& hidden, void* to) const;
  /// Keeps the entries of this list for as long as they are read. Returns those, of earlier calls too, that can be deleted.
  [[nodiscard]] entry* retire(entry* list) noexcept;
  /// The end, when no readers are left: the list of all entries.
  [[nodiscard]] entry* dismantle() noexcept;

  spin_lock& lock() noexcept { return lock_; }

 private:
  /// An array of cells, a power of two of them. A search for a hash begins at one place and ends at an empty cell.
  struct block {
    block* smaller;  // what it replaced
    std::size_t mask;
    [[nodiscard]] cell& operator[](std::size_t i) const noexcept { return cells()[i & mask]; }
    [[nodiscard]] cell* cells() const noexcept { return reinterpret_cast<cell*>(const_cast<block*>(this) + 1); }
  };
  void grow();
  void unpin(entry* e) noexcept;
  /// Does anybody read e, which readers cannot find any more?
  [[nodiscard]] static bool is_read(const entry& e) noexcept { return e.pins != 0 || hazard::is_held(&e); }

  // What readers look at has a line of its own: it changes only when entries come to stand elsewhere.
  alignas(64) std::atomic<block*> cells_{nullptr};
  std::atomic<std::size_t> version_{0};
  std::atomic<copier> copy_{nullptr};  // left by the first reader: writers alone also work with what cannot be copied

  alignas(64) spin_lock lock_;
  std::size_t size_ = 0;  // guarded by lock_, as the rest
  entry* retired_ = nullptr;  // taken out, but read when we last looked
};

/// Looks an entry up, without the lock if possible, and keeps it alive while this exists, whatever becomes of the table.
class shared_table::reading {
 public:
  template <class Matches>
  reading(shared_table& table, std::size_t hash, Matches matches, copier copy)
      : table_(table), seen_(look(table, hash, matches, copy)) {
    if (seen_.disturbed) [[unlikely]]
      seen_ = look_again(table, hash, matches, copy);
  }
  reading(const reading&) = delete;
  reading& operator=(const reading&) = delete;
  ~reading() {
    if (seen_.pinned) table_.unpin(seen_.found);
  }

  [[nodiscard]] const entry* found() const noexcept { return seen_.found; }

 private:
  struct sight {
    entry* found = nullptr;  // kept alive by
    hazard kept;  // this,
    bool pinned = false;  // or by its pins
    bool disturbed = false;  // somebody was changing what we looked at
  };

  template <class Matches>
  static sight look(shared_table& table, std::size_t hash, Matches& matches, copier copy) {
    sight s;
    const std::size_t version = table.version_.load();  // V1
    const block* const b = table.cells_.load();
    if (b == nullptr) return s;
    if (table.copy_.load(std::memory_order_relaxed) == nullptr) table.copy_.store(copy, std::memory_order_relaxed);
    for (std::size_t i = 0; i <= b->mask; ++i) {
      const cell& at = (*b)[hash + i];
      entry* const e = at.there.load();
      if (e == nullptr) break;
      if (at.hash.load(std::memory_order_relaxed) != hash) continue;
      hazard kept;
      s.disturbed = !kept.hold(e)  // H1
                    || at.there.load() != e || table.cells_.load() != b;  // H2
      if (s.disturbed) return s;
      if (!matches(*e)) continue;
      s.found = e;
      s.kept = std::move(kept);
      return s;
    }
    s.disturbed = version % 2 != 0 || table.version_.load() != version;  // V2
    return s;
  }

  template <class Matches>
  [[gnu::noinline]] static sight look_again(shared_table& table, std::size_t hash, Matches& matches, copier copy) {
    for (int tries = 0; tries < 2; ++tries)
      if (sight s = look(table, hash, matches, copy); !s.disturbed) return s;
    sight s;
    const spin_guard hold(table.lock_);
    if (const cell* const at = table.find(hash, matches)) {
      s.found = at->there.load(std::memory_order_relaxed);
      ++s.found->pins;
      s.pinned = true;
    }
    return s;
  }

  shared_table& table_;
  sight seen_;
};

template <class Matches>
shared_table::cell* shared_table::find(std::size_t hash, Matches matches) const {
  const block* const b = cells_.load(std::memory_order_relaxed);
  if (b == nullptr) return nullptr;
  for (std::size_t i = hash;; ++i) {
    cell& at = (*b)[i];
    const entry* const e = at.there.load(std::memory_order_relaxed);
    if (e == nullptr) return nullptr;
    if (at.hash.load(std::memory_order_relaxed) == hash && matches(*e)) return &at;
  }
}

template <class F>
void shared_table::for_each(F f) const {
  const block* const b = cells_.load(std::memory_order_relaxed);
  if (b == nullptr) return;
  for (std::size_t i = 0; i <= b->mask; ++i)
    if (const entry* const e = (*b)[i].there.load(std::memory_order_relaxed)) f(e);
}

}  // namespace goro::detail
