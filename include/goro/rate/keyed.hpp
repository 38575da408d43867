// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

#include <goro/detail/hash_table.hpp>
#include <goro/rate/limiter.hpp>
#include <goro/sync/mutex.hpp>

namespace goro {
namespace detail {

void check_room(std::size_t max_keys);

/// Spreads what std::hash leaves as it is, such as numbers and pointers.
constexpr std::size_t spread(std::size_t hash) noexcept {
  std::uint64_t h = hash;
  h = (h ^ (h >> 32)) * 0x9e37'79b9'7f4a'7c15;
  return static_cast<std::size_t>(h ^ (h >> 29));
}

}  // namespace detail

/// A limiter for each client, in bounded memory: at most `max_keys` clients are known at a time.
///
///   goro::keyed<goro::token_bucket, std::string> limits{10, 20};  // the arguments of token_bucket
///   if (!limits.allow(address)) return too_many_requests;
///
/// Who has been idle for so long that its limiter is as good as new is forgotten, which changes nothing for it, when
/// another client comes. Those who come while there are max_keys who are not idle share one limiter between them, and
/// when there is room again, a client that comes begins with what is left in that. So no client ever gets more than its
/// limit; in a flood of clients those who come last get less. A client takes about a hundred bytes beside its key.
///
/// The clients are divided into up to 64 parts by their hash, each with its share of max_keys and a lock of its own.
///
/// Blocks:    wait(), until it is the client's turn. The others never, but for the part's lock.
/// Panics:    as the limiter does; no room for any key. What Hash, Eq or the copy of a key throws changes nothing.
/// Lifetime:  not movable; must outlive every call on it, and reservation::cancel().
template <class Limiter, class Key, class Hash = std::hash<Key>, class Eq = std::equal_to<Key>>
class keyed : detail::reservation_book {
  using algorithm = typename Limiter::algorithm;

 public:
  /// `a` and `b` are the arguments of each Limiter.
  template <class A, class B>
  keyed(A a, B b, std::size_t max_keys = 1 << 16) {
    detail::check_room(max_keys);
    const std::size_t parts = std::bit_floor(std::clamp<std::size_t>(max_keys / 1024, 1, 64));
    parts_.reserve(parts);
    while (parts_.size() < parts) parts_.push_back(std::make_unique<part>(algorithm(a, b), max_keys / parts));
  }
  keyed(const keyed&) = delete;
  keyed& operator=(const keyed&) = delete;

  /// The calls of a limiter, for the client with this key.
  [[nodiscard]] bool allow(const Key& key, std::int64_t n = 1) { return allow_at(std::nullopt, key, n); }
  [[nodiscard]] bool allow(clock::time_point t, const Key& key, std::int64_t n = 1) { return allow_at(t, key, n); }

  [[nodiscard]] reservation reserve(const Key& key, std::int64_t n = 1) {
    return book(std::nullopt, key, n, clock::time_point::max());
  }
  [[nodiscard]] reservation reserve(clock::time_point t, const Key& key, std::int64_t n = 1) {
    return book(t, key, n, clock::time_point::max());
  }
  template <class Rep, class Period>
  [[nodiscard]] reservation reserve(clock::time_point t, const Key& key, std::int64_t n,
                                    std::chrono::duration<Rep, Period> max_wait) {
    return book(t, key, n, detail::later(t, detail::saturate(max_wait)));
  }

  [[nodiscard]] std::error_code wait(const context& ctx, const Key& key, std::int64_t n = 1) {
    return detail::wait_until_due(book(std::nullopt, key, n, detail::latest_for(ctx)), std::nullopt, ctx);
  }
  [[nodiscard]] std::error_code wait(clock::time_point t, const context& ctx, const Key& key, std::int64_t n = 1) {
    return detail::wait_until_due(book(t, key, n, detail::latest_for(ctx)), t, ctx);
  }

  /// How many clients are known. Never more than max_keys.
  [[nodiscard]] std::size_t size() const {
    std::size_t sum = 0;
    for (const auto& p : parts_) {
      const detail::mutex_guard hold(p->mu);
      sum += p->clients.size();
    }
    return sum;
  }

 private:
  struct client;
  using table = detail::hash_table<Key, client, Eq>;
  using node = typename table::node;

  struct client {
    client(const algorithm& begins_with, std::uint64_t number) : state(begins_with), id(number) {}
    algorithm state;
    std::uint64_t id;  // never used again; 0 for the limiter that is shared
    node* newer = nullptr;
    node* older = nullptr;
  };

  struct part {
    part(const algorithm& fresh, std::size_t share) : room(share), shared(fresh, 0) {}

    /// The client's own limiter, or the shared one.
    client& of(std::size_t hash, const Key& key, clock::time_point now) {
      if (node* const known = clients.find(hash, key)) {
        unlink(known);
        link_newest(known);
        return known->value;
      }
      make_room(now);
      if (clients.size() == room) return shared;
      node* const made = clients.insert(hash, key, shared.state, last_id + 1);
      ++last_id;
      link_newest(made);
      return made->value;
    }

    /// Forgets a few of the idle, so that there are not many more clients than are active.
    void make_room(clock::time_point now) noexcept {
      for (int looks = 4; looks > 0 && oldest != nullptr; --looks) {
        node* const n = oldest;
        const bool idle = n->value.state.is_idle(now);
        if (!idle && clients.size() < room) return;
        unlink(n);
        if (idle) {
          clients.extract(n);
          delete n;
        } else {
          link_newest(n);  // the next one may be idle, though it came later
        }
      }
    }

    void unlink(node* n) noexcept {
      (n->value.newer != nullptr ? n->value.newer->value.older : newest) = n->value.older;
      (n->value.older != nullptr ? n->value.older->value.newer : oldest) = n->value.newer;
    }
    void link_newest(node* n) noexcept {
      n->value.newer = nullptr;
      n->value.older = newest;
      (newest != nullptr ? newest->value.newer : oldest) = n;
      newest = n;
    }

    const std::size_t room;
    mutex mu;
    client shared;  // guarded by mu, as all below
    table clients;
    node* newest = nullptr;
    node* oldest = nullptr;
    std::uint64_t last_id = 0;
  };

  part& part_of(std::size_t hash) { return *parts_[(hash >> 16) & (parts_.size() - 1)]; }

  bool allow_at(std::optional<clock::time_point> t, const Key& key, std::int64_t n) {
    detail::check_count(algorithm::name, n);
    const std::size_t hash = detail::spread(Hash{}(key));
    part& p = part_of(hash);
    const detail::mutex_guard hold(p.mu);
    const clock::time_point now = t ? *t : clock::now();
    return p.of(hash, key, now).state.allow(now, n);
  }

  reservation book(std::optional<clock::time_point> t, const Key& key, std::int64_t n, clock::time_point latest) {
    detail::check_count(algorithm::name, n);
    const std::size_t hash = detail::spread(Hash{}(key));
    part& p = part_of(hash);
    const detail::mutex_guard hold(p.mu);
    const clock::time_point now = t ? *t : clock::now();
    client& c = p.of(hash, key, now);
    detail::booking b = c.state.book(now, n, latest);
    b.hash = hash;
    b.client = c.id;
    return reservation(*this, b);
  }

  void cancel(std::optional<clock::time_point> t, const detail::booking& b) final {
    part& p = part_of(b.hash);
    const detail::mutex_guard hold(p.mu);
    const clock::time_point now = t ? *t : clock::now();
    if (b.client == 0) {
      p.shared.state.cancel(now, b);
    } else if (node* const n = p.clients.find_if(b.hash, [&](const node& of) { return of.value.id == b.client; })) {
      n->value.state.cancel(now, b);
    }  // else it is forgotten: the time to act has passed
  }

  std::vector<std::unique_ptr<part>> parts_;  // a power of two of them
};

}  // namespace goro
