// SPDX-License-Identifier: BSL-1.0
// Readers and writers, conditions, semaphores with contexts that end, errgroups, shared flights and maps.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>

#include "stress.hpp"

namespace {

using namespace std::chrono_literals;

void read_and_write(stress::choices& pick) {
  goro::rw_mutex mu;
  std::int64_t a = 0, b = 0;
  goro::wait_group wg;
  for (int g = pick.between(2, 10); g > 0; --g) {
    wg.go([&, p = pick.fork()]() mutable {
      for (int i = p.between(1, 200); i > 0; --i) {
        switch (p.between(0, 5)) {
          case 0: {
            const std::unique_lock lock(mu);
            ++a;
            if (p.one_in(20)) goro::gosched();
            ++b;
            break;
          }
          case 1: {
            const std::unique_lock lock(mu, std::try_to_lock);
            if (lock) ++a, ++b;
            break;
          }
          case 2: {
            const std::shared_lock lock(mu, std::try_to_lock);
            if (lock) STRESS_CHECK(a == b);
            break;
          }
          default: {
            const std::shared_lock lock(mu);
            STRESS_CHECK(a == b);
            if (p.one_in(20)) goro::gosched();
            break;
          }
        }
      }
    });
  }
  wg.wait();
}

void hand_over_by_condition(stress::choices& pick) {
  goro::mutex mu;
  goro::cond changed;
  std::deque<int> queue;
  bool closed = false;
  std::int64_t sent = 0;
  std::atomic<std::int64_t> received{0};
  goro::wait_group producers, consumers;
  for (int c = pick.between(1, 6); c > 0; --c) {
    consumers.go([&] {
      std::unique_lock lock(mu);
      for (;;) {
        changed.wait(lock, [&] { return closed || !queue.empty(); });
        if (queue.empty()) return;
        received += queue.front();
        queue.pop_front();
      }
    });
  }
  for (int s = pick.between(1, 4); s > 0; --s) {
    producers.go([&, p = pick.fork()]() mutable {
      for (int i = p.between(1, 100); i > 0; --i) {
        {
          const std::lock_guard lock(mu);
          queue.push_back(i);
          sent += i;
        }
        changed.signal();
      }
    });
  }
  producers.wait();
  {
    const std::lock_guard lock(mu);
    closed = true;
  }
  changed.broadcast();
  consumers.wait();
  STRESS_CHECK(received == sent);
}

void acquire_and_give_up(stress::choices& pick) {
  const int size = pick.between(1, 5);
  goro::semaphore tokens(size);
  std::atomic<int> held{0};
  goro::wait_group wg;
  for (int g = pick.between(1, 8); g > 0; --g) {
    wg.go([&, p = pick.fork()]() mutable {
      for (int i = p.between(1, 50); i > 0; --i) {
        const int n = p.between(1, size + 1);  // one too many waits for its context
        auto [ctx, cancel] =
            goro::context::with_timeout(goro::context::background(), std::chrono::microseconds(p.between(0, 200)));
        if (tokens.acquire(ctx, n)) continue;
        STRESS_CHECK((held += n) <= size);
        if (p.one_in(3)) goro::gosched();
        held -= n;
        tokens.release(n);
      }
    });
  }
  wg.wait();
  STRESS_CHECK(tokens.try_acquire(size));
}

void fail_in_a_group(stress::choices& pick) {
  goro::errgroup group(goro::context::background());
  if (pick.one_in(2)) group.set_limit(pick.between(1, 4));
  const int tasks = pick.between(1, 30);
  const int failing = pick.one_in(3) ? -1 : pick.between(0, tasks - 1);
  for (int t = 0; t < tasks; ++t) {
    group.go([&, t, kept = stress::counted()] {
      if (t == failing) throw std::runtime_error("this one fails");
      if (failing > t && group.ctx().err()) group.ctx().done().recv();
    });
  }
  bool failed = false;
  try {
    group.wait();
  } catch (const std::runtime_error&) {
    failed = true;
  }
  STRESS_CHECK(failed == (failing >= 0));
  STRESS_CHECK(bool(group.ctx().err()));
}

void share_flights(stress::choices& pick) {
  goro::singleflight<int, int> flights;
  goro::concurrent_map<int, int> calls;
  goro::wait_group wg;
  for (int g = pick.between(1, 8); g > 0; --g) {
    wg.go([&, p = pick.fork()]() mutable {
      for (int i = p.between(1, 100); i > 0; --i) {
        const int key = p.between(0, 3);
        const auto result = flights.call(key, [&] {
          for (;;) {
            const auto [before, there] = calls.load_or_store(key, 1);
            if (!there || calls.compare_and_swap(key, before, before + 1)) break;
          }
          goro::gosched();
          return key * 10;
        });
        STRESS_CHECK(result.value == key * 10);
        if (p.one_in(10)) flights.forget(key);
      }
    });
  }
  wg.wait();
}

/// A text that says what it must look like, and whether it is still there.
class sealed {
 public:
  sealed(int key, int version) : text_(std::to_string(key) + ':' + std::string(40, static_cast<char>('a' + version))) {}
  friend bool operator==(const sealed& a, const sealed& b) { return a.text_ == b.text_; }
  [[nodiscard]] bool belongs_to(int key) const {
    const std::string start = std::to_string(key) + ':';
    return text_.size() == start.size() + 40 && text_.starts_with(start) &&
           text_.find_first_not_of(text_.back(), start.size()) == std::string::npos;
  }

 private:
  std::string text_;
  stress::counted life_;
};

/// The same of plain bits.
class sealed_bits {
 public:
  sealed_bits(int key, int version) : words_{key, version, ~version, ~key} {}
  friend bool operator==(const sealed_bits&, const sealed_bits&) = default;
  [[nodiscard]] bool belongs_to(int key) const {
    return words_[0] == key && words_[3] == ~key && words_[1] == ~words_[2];
  }

 private:
  std::int64_t words_[4];
};

template <class Sealed>
void map_few_keys(stress::choices& pick) {
  goro::concurrent_map<int, Sealed> map;
  const int keys = pick.one_in(2) ? pick.between(1, 4) : pick.between(5, 2000);
  const int reads_in_ten = pick.between(0, 9);
  for (int key = 0; key < keys; key += 2) map.store(key, Sealed(key, 0));
  const auto intact = [](int key, const std::optional<Sealed>& value) { return !value || value->belongs_to(key); };
  const auto work = [&](stress::choices& p) {
    for (int i = p.between(1, 2000); i > 0; --i) {
      const int key = p.between(0, keys - 1);
      if (p.between(1, 10) <= reads_in_ten) {
        STRESS_CHECK(intact(key, map.load(key)));
        continue;
      }
      const Sealed made(key, p.between(0, 3));
      switch (p.between(0, 7)) {
        case 0: map.store(key, made); break;
        case 1: STRESS_CHECK(intact(key, map.swap(key, made))); break;
        case 2: STRESS_CHECK(map.load_or_store(key, made).first.belongs_to(key)); break;
        case 3: STRESS_CHECK(intact(key, map.load_and_delete(key))); break;
        case 4: map.erase(key); break;
        case 5: map.compare_and_swap(key, made, Sealed(key, p.between(0, 3))); break;
        case 6: map.compare_and_delete(key, made); break;
        default:
          if (p.one_in(50)) map.clear();
          map.range([&](int k, const Sealed& value) {
            STRESS_CHECK(value.belongs_to(k));
            return !p.one_in(20);
          });
      }
      if (p.one_in(100)) goro::gosched();
    }
  };
  goro::wait_group wg;
  for (int g = pick.between(1, 8); g > 0; --g) wg.go([&, p = pick.fork()]() mutable { work(p); });
  stress::choices of_thread = pick.fork();
  std::thread thread([&] { work(of_thread); });
  wg.wait();
  goro::blocking([&] { thread.join(); });
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("sync", argc, argv, [](stress::choices& pick) {
    switch (pick.between(0, 6)) {
      case 0: return read_and_write(pick);
      case 1: return hand_over_by_condition(pick);
      case 2: return acquire_and_give_up(pick);
      case 3: return fail_in_a_group(pick);
      case 4: return share_flights(pick);
      case 5: return map_few_keys<sealed>(pick);
      default: return map_few_keys<sealed_bits>(pick);
    }
  });
}
