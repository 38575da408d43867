// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <goro/chan.hpp>
#include <goro/detail/hash_table.hpp>
#include <goro/detail/ref.hpp>
#include <goro/go.hpp>
#include <goro/sync/mutex.hpp>

namespace goro {

/// Calls with the same key that come while one is under way share its result instead of doing the work again.
///
/// Blocks:    call() until the function has returned, its own or the one that it shares.
/// Errors:    what the function throws reaches every caller. A goro::panic that a call_chan() waits for ends the process;
///            goexit() in the function ends every call() with goexit().
/// Ordering:  the return of the function happens before every caller has the result.
/// Lifetime:  must outlive every call on it; not movable.
template <class K, class V, class Hash = std::hash<K>, class Eq = std::equal_to<K>>
class singleflight {
  struct flight;

 public:
  struct result {
    V value;
    bool shared;  ///< others got it too
  };

  /// What call_chan() delivers.
  class outcome {
   public:
    /// The result, as a reference that is good as long as this object is; rethrows what the function threw.
    [[nodiscard]] const V& get() const {
      if (flight_->thrown != nullptr) std::rethrow_exception(flight_->thrown);
      return *flight_->value;
    }
    bool shared;

   private:
    friend class singleflight;
    outcome(detail::ref<flight> f, bool others) : shared(others), flight_(std::move(f)) {}
    detail::ref<flight> flight_;
  };

  singleflight() = default;
  singleflight(const singleflight&) = delete;
  singleflight& operator=(const singleflight&) = delete;

  template <class F>
  result call(const K& key, F&& f) {
    const std::size_t hash = Hash{}(key);
    mu_.lock();
    if (const auto* const under_way = flights_.find(hash, key)) {
      const detail::ref<flight> shared = under_way->value;
      ++shared->duplicates;
      mu_.unlock();
      shared->done.recv();
      shared->rethrow();
      return {*shared->value, true};
    }
    const detail::ref<flight> mine(new flight);
    begin(hash, key, mine);
    fly(hash, key, mine, f);
    mine->rethrow();
    return {*mine->value, mine->was_shared};
  }

  /// The same without waiting. Nothing comes if the function calls goexit().
  template <class F>
  [[nodiscard]] recv_chan<outcome> call_chan(const K& key, F&& f) {
    const std::size_t hash = Hash{}(key);
    const auto answer = make_chan<outcome>(1);
    mu_.lock();
    if (const auto* const under_way = flights_.find(hash, key)) {
      ++under_way->value->duplicates;
      under_way->value->answers.push_back(answer);
      mu_.unlock();
      return answer;
    }
    const detail::ref<flight> mine(new flight);
    mine->answers.push_back(answer);
    begin(hash, key, mine);
    goro::go([this, hash, key, mine, f = std::forward<F>(f)]() mutable { fly(hash, key, mine, f); });
    return answer;
  }

  /// The next call with this key starts anew, also if one is under way.
  void forget(const K& key) {
    mu_.lock();
    if (auto* const there = flights_.find(Hash{}(key), key)) flights_.erase(there);
    mu_.unlock();
  }

 private:
  struct flight final : detail::ref_counted {
    void rethrow() const {
      if (thrown != nullptr) std::rethrow_exception(thrown);
      if (!value) goexit();
    }
    chan<void> done = make_chan<void>();
    std::optional<V> value;  // written before done is closed, as all below but the last two
    std::exception_ptr thrown;  // neither of both: it ended by goexit()
    bool panicked = false;
    bool was_shared = false;
    std::size_t duplicates = 0;  // guarded by mu_ until done
    std::vector<chan<outcome>> answers;  // guarded by mu_ until done
  };
  using table = detail::hash_table<K, detail::ref<flight>, Eq>;

  /// mu_ is locked, and is not afterwards.
  void begin(std::size_t hash, const K& key, const detail::ref<flight>& mine) {
    const struct unlocker {
      mutex& mu;
      ~unlocker() { mu.unlock(); }
    } unlock{mu_};
    flights_.insert(hash, key, mine);
  }

  template <class F>
  void fly(std::size_t hash, const K& key, const detail::ref<flight>& mine, F& f) {
    const struct lander {
      singleflight& self;
      std::size_t hash;
      const K& key;
      const detail::ref<flight>& mine;
      ~lander() { self.land(hash, key, mine); }
    } land{*this, hash, key, mine};
    try {
      try {
        mine->value.emplace(f());
      } catch (const panic&) {
        mine->panicked = true;
        throw;
      }
    } catch (...) {
      mine->thrown = detail::caught_exception();
    }
  }

  void land(std::size_t hash, const K& key, const detail::ref<flight>& mine) {
    mu_.lock();
    if (auto* const there = flights_.find(hash, key); there != nullptr && there->value.get() == mine.get())
      flights_.erase(there);
    mine->was_shared = mine->duplicates > 0;
    mu_.unlock();
    mine->done.close();
    if (mine->answers.empty()) return;
    if (mine->panicked) {
      goro::go([thrown = mine->thrown] { std::rethrow_exception(thrown); });
      return;
    }
    if (mine->thrown == nullptr && !mine->value) return;  // goexit
    for (const auto& answer : mine->answers) answer << outcome(mine, mine->was_shared);
  }

  mutex mu_;
  table flights_;  // guarded by mu_
};

}  // namespace goro
