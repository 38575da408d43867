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
    detail::mutex_guard hold(mu_);
    if (const auto* const under_way = flights_.find(hash, key)) {
      const detail::ref<flight> shared = under_way->value;
      ++shared->duplicates;
      hold.unlock();
      shared->done.recv();
      shared->rethrow();
      return {*shared->value, true};
    }
    const detail::ref<flight> mine(new flight);
    flights_.insert(hash, key, mine);
    hold.unlock();
    fly(hash, mine, f);
    mine->rethrow();
    return {*mine->value, mine->was_shared};
  }

  /// The same without waiting. Nothing comes if the function calls goexit().
  template <class F>
  [[nodiscard]] recv_chan<outcome> call_chan(const K& key, F&& f) {
    const std::size_t hash = Hash{}(key);
    const auto answer = make_chan<outcome>(1);
    detail::mutex_guard hold(mu_);
    if (const auto* const under_way = flights_.find(hash, key)) {
      under_way->value->answers.push_back(answer);
      ++under_way->value->duplicates;
      return answer;
    }
    const detail::ref<flight> mine(new flight);
    mine->answers.push_back(answer);
    flights_.insert(hash, key, mine);
    hold.unlock();
    try {
      goro::go([this, hash, mine, f = std::forward<F>(f)]() mutable { fly(hash, mine, f); });
    } catch (...) {
      mine->thrown = std::current_exception();  // for those who have joined meanwhile
      land(hash, mine);
      throw;
    }
    return answer;
  }

  /// The next call with this key starts anew, also if one is under way.
  void forget(const K& key) {
    const std::size_t hash = Hash{}(key);
    const detail::mutex_guard hold(mu_);
    if (auto* const there = flights_.find(hash, key)) remove(there);
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

  template <class F>
  void fly(std::size_t hash, const detail::ref<flight>& mine, F& f) {
    const struct lander {
      singleflight& self;
      std::size_t hash;
      const detail::ref<flight>& mine;
      ~lander() { self.land(hash, mine); }
    } land_at_end{*this, hash, mine};
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

  void land(std::size_t hash, const detail::ref<flight>& mine) {
    {
      const detail::mutex_guard hold(mu_);
      if (auto* const there = flights_.find_if(hash, [&](const auto& n) { return n.value.get() == mine.get(); }))
        remove(there);
      mine->was_shared = mine->duplicates > 0;
    }
    mine->done.close();
    if (mine->answers.empty()) return;
    if (mine->panicked) {
      goro::go([thrown = mine->thrown] { std::rethrow_exception(thrown); });
      return;
    }
    if (mine->thrown == nullptr && !mine->value) return;  // goexit
    for (const auto& answer : mine->answers) answer << outcome(mine, mine->was_shared);
  }

  void remove(typename table::node* there) noexcept {
    flights_.extract(there);
    delete there;
  }

  mutex mu_;
  table flights_;  // guarded by mu_
};

}  // namespace goro
