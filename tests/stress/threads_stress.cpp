// SPDX-License-Identifier: BSL-1.0
// Plain threads and goroutines, some locked to their threads, on the same channels, locks and groups.
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <unistd.h>

#include "stress.hpp"

namespace {

/// Starts f as a plain thread, a goroutine, or a goroutine locked to its thread.
class workers {
 public:
  explicit workers(stress::choices& pick) : pick_(pick) {}
  template <class F>
  void start(F f) {
    switch (pick_.between(0, 2)) {
      case 0: threads_.emplace_back(f); break;
      case 1: goroutines_.go(f); break;
      default:
        goroutines_.go([f]() mutable {
          goro::os_thread_lock lock;
          const pid_t mine = gettid();
          f();
          STRESS_CHECK(gettid() == mine);
        });
        break;
    }
  }
  void wait() {
    goroutines_.wait();
    goro::blocking([this] {
      for (auto& thread : threads_) thread.join();
    });
  }

 private:
  stress::choices& pick_;
  goro::wait_group goroutines_;
  std::vector<std::thread> threads_;
};

void pass_messages(stress::choices& pick) {
  const auto data = goro::make_chan<int>(pick.between(0, 4));
  const auto extra = goro::make_chan<int>();
  const int n = pick.between(1, 300);
  const int senders = pick.between(1, 6), receivers = pick.between(1, 6);
  std::atomic<std::int64_t> received{0};
  workers sending(pick), receiving(pick);

  for (int s = 0; s < senders; ++s) {
    sending.start([=, p = pick.fork()]() mutable {
      for (int i = 1; i <= n; ++i) {
        if (p.one_in(3)) {
          goro::select(goro::send(data, i), goro::send(extra, i));
        } else {
          data << i;
        }
      }
    });
  }
  for (int r = 0; r < receivers; ++r) {
    receiving.start([=, &received] {
      for (int open = 2; open == 2;) {
        const auto add = [&](std::optional<int> v) {
          if (v) {
            received += *v;
          } else {
            open = 1;
          }
        };
        goro::select(goro::recv(data, add), goro::recv(extra, add));
      }
    });
  }
  sending.wait();
  data.close();
  receiving.wait();
  STRESS_CHECK(received == std::int64_t{senders} * n * (n + 1) / 2);
}

void share_a_lock(stress::choices& pick) {
  goro::mutex mu;
  std::int64_t guarded = 0, tried = 0;
  const int n = pick.between(1, 500), count = pick.between(1, 8);
  workers all(pick);
  for (int w = 0; w < count; ++w) {
    all.start([&, p = pick.fork()]() mutable {
      for (int i = 0; i < n; ++i) {
        if (p.one_in(4) && mu.try_lock()) {
          ++tried;
        } else {
          mu.lock();
        }
        ++guarded;
        if (p.one_in(50) && goro::goid() != 0) goro::gosched();
        mu.unlock();
      }
    });
  }
  all.wait();
  std::lock_guard lock(mu);
  STRESS_CHECK(guarded == std::int64_t{n} * count);
  STRESS_CHECK(tried <= guarded);
}

void spawn_from_threads(stress::choices& pick) {
  std::atomic<int> ran{0};
  const int n = pick.between(1, 200), count = pick.between(1, 6);
  goro::wait_group all_tasks;
  all_tasks.add(n * count);
  workers all(pick);
  for (int w = 0; w < count; ++w) {
    all.start([&, n] {
      for (int i = 0; i < n; ++i) {
        goro::go([&, kept = stress::counted()] {
          ++ran;
          all_tasks.done();
        });
      }
      all_tasks.wait();
      STRESS_CHECK(ran == n * count);
    });
  }
  all.wait();
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("threads", argc, argv, [](stress::choices& pick) {
    switch (pick.between(0, 2)) {
      case 0: return pass_messages(pick);
      case 1: return share_a_lock(pick);
      default: return spawn_from_threads(pick);
    }
  });
}
