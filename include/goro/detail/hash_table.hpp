// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace goro::detail {

/// A chained hash table, as far as singleflight needs one: <unordered_map> would be a fifth of what
/// #include <goro/goro.hpp> costs. The caller brings the hash along. Nodes do not move.
template <class K, class V, class Eq>
class hash_table {
 public:
  struct node {
    template <class Key, class... Args>
    node(std::size_t hash_code, Key&& named, Args&&... args)
        : hash(hash_code), key(std::forward<Key>(named)), value(std::forward<Args>(args)...) {}
    node* next = nullptr;
    std::size_t hash;
    K key;
    V value;
  };

  hash_table() = default;
  hash_table(const hash_table&) = delete;
  hash_table& operator=(const hash_table&) = delete;
  ~hash_table() {
    for (node* n : buckets_)
      while (n != nullptr) delete std::exchange(n, n->next);
  }

  void swap(hash_table& other) noexcept {
    buckets_.swap(other.buckets_);
    std::swap(size_, other.size_);
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  [[nodiscard]] node* find(std::size_t hash, const K& key) const {
    return find_if(hash, [&key](const node& n) { return Eq{}(n.key, key); });
  }

  /// One with this hash that the predicate holds for.
  template <class Predicate>
  [[nodiscard]] node* find_if(std::size_t hash, Predicate holds) const {
    if (buckets_.empty()) return nullptr;
    for (node* n = buckets_[hash & (buckets_.size() - 1)]; n != nullptr; n = n->next)
      if (n->hash == hash && holds(*n)) return n;
    return nullptr;
  }

  /// The key must not be there.
  template <class... Args>
  node* insert(std::size_t hash, const K& key, Args&&... args) {
    if (size_ >= buckets_.size()) grow();
    auto* const made = new node(hash, key, std::forward<Args>(args)...);
    link(made);
    ++size_;
    return made;
  }

  /// Takes n out; the caller deletes it.
  void extract(node* n) noexcept {
    node** at = &buckets_[n->hash & (buckets_.size() - 1)];
    while (*at != n) at = &(*at)->next;
    *at = n->next;
    --size_;
  }

  template <class F>
  void for_each(F f) const {
    for (const node* n : buckets_)
      for (; n != nullptr; n = n->next) f(*n);
  }

 private:
  void link(node* n) noexcept {
    node*& head = buckets_[n->hash & (buckets_.size() - 1)];
    n->next = head;
    head = n;
  }
  void grow() {
    std::vector<node*> before(buckets_.empty() ? 8 : 2 * buckets_.size());
    before.swap(buckets_);
    for (node* n : before)
      while (n != nullptr) link(std::exchange(n, n->next));
  }

  std::vector<node*> buckets_;  // a power of two, or none
  std::size_t size_ = 0;
};

}  // namespace goro::detail
