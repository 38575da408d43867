// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include <goro/detail/owned.hpp>
#include <goro/detail/shared_table.hpp>

namespace goro::detail {

/// A part of a concurrent_map whose keys and values are any types: a shared_table of nodes. All but load() is called
/// under the lock. What is taken out is returned as garbage, to be destroyed without it.
template <class K, class V, class Eq>
class map_of_nodes {
  using entry = shared_table::entry;
  struct node : entry {
    node(const K& named, V&& v) : key(named), value(std::move(v)) {}
    const K key;
    V value;  // changes only when nobody can find the node or reads it
  };

 public:
  using cell = shared_table::cell;

  class garbage {
   public:
    garbage() = default;
    explicit garbage(entry* list) noexcept : list_(list) {}
    garbage& operator=(garbage&& other) noexcept {
      std::swap(list_, other.list_);
      return *this;
    }
    ~garbage() {
      while (list_ != nullptr) delete static_cast<node*>(std::exchange(list_, list_->next));
    }

   private:
    entry* list_ = nullptr;
  };

  ~map_of_nodes() { const garbage all(table_.dismantle()); }

  [[nodiscard]] std::optional<V> load(std::size_t hash, const K& key) {
    const shared_table::reading there(table_, hash, is(key), &copy_value);
    return there.found() != nullptr ? std::optional<V>(of(there.found()).value) : std::nullopt;
  }

  spin_lock& lock() noexcept { return table_.lock(); }
  [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }
  [[nodiscard]] cell* find(std::size_t hash, const K& key) const { return table_.find(hash, is(key)); }
  [[nodiscard]] const V& value_in(const cell& at) const noexcept { return in(at).value; }
  template <class F>
  void for_each(F f) const {
    table_.for_each([&](const entry* e) { f(of(e).key, of(e).value); });
  }

  void insert(std::size_t hash, const K& key, V&& value) {
    owner<node> made(new node(key, std::move(value)));
    table_.insert(hash, &*made);
    static_cast<void>(made.release());
  }
  garbage replace(cell& at, V&& value) {
    auto* const made = new node(in(at).key, std::move(value));
    return garbage(table_.retire(table_.replace(at, made)));
  }
  std::optional<V> exchange(cell& at, V&& value, garbage& replaced) {
    owner<node> made(new node(in(at).key, std::move(value)));
    entry& n = in(at);
    std::optional<V> before = hide_and_take(at);
    table_.show(at, made.release());
    replaced = garbage(table_.retire(&n));
    return before;
  }
  std::optional<V> take(cell& at, garbage& removed) {
    entry& n = in(at);
    std::optional<V> value = hide_and_take(at);
    table_.remove(at);
    removed = garbage(table_.retire(&n));
    return value;
  }
  garbage remove(cell& at) noexcept {
    entry* const n = table_.hide(at);
    table_.remove(at);
    return garbage(table_.retire(n));
  }
  garbage remove_all() noexcept { return garbage(table_.retire(table_.remove_all())); }

 private:
  static const node& of(const entry* e) noexcept { return static_cast<const node&>(*e); }
  static node& in(const cell& at) noexcept { return static_cast<node&>(*at.there.load(std::memory_order_relaxed)); }
  static auto is(const K& key) noexcept {
    return [&key](const entry& e) { return Eq{}(of(&e).key, key); };
  }

  /// The value itself, unless somebody is reading it. It stays hidden, unless this throws.
  std::optional<V> hide_and_take(cell& at) {
    entry* const n = table_.hide(at);
    try {
      std::optional<V> value;
      if (!table_.copy_if_read(*n, &value)) value.emplace(std::move(static_cast<node*>(n)->value));
      return value;
    } catch (...) {
      table_.show(at, n);
      throw;
    }
  }
  static void copy_value(const entry& from, void* to) { static_cast<std::optional<V>*>(to)->emplace(of(&from).value); }

  shared_table table_;
};

}  // namespace goro::detail
