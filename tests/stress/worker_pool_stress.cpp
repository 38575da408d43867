// SPDX-License-Identifier: BSL-1.0
// Worker pools of all shapes that goroutines and threads submit to while they are asked, starved and stopped: each task
// is settled once, its future agrees with the account, and its function is destroyed.
#include <goro/worker_pool.hpp>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include "stress.hpp"

namespace {

using namespace std::chrono_literals;
using goro::worker_pool;

/// What the futures say.
struct tally {
  std::atomic<std::uint64_t> done{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> cancelled{0};
  std::atomic<std::uint64_t> refused{0};
};

struct submitter {
  worker_pool& pool;
  tally& sum;
  const std::shared_ptr<int> shared;  // by every function

  void settle(goro::future<int>& result) const {
    try {
      if (result.get() == 1) ++sum.done;
    } catch (const goro::panic&) {
      ++sum.failed;  // goexit: no result
    } catch (const std::system_error&) {
      ++sum.cancelled;
    } catch (const std::runtime_error&) {
      ++sum.failed;
    }
  }

  auto task(stress::choices& pick) const {
    return [how = pick.between(0, 9), shared = shared](const goro::context& ctx) {
      switch (how) {
        case 0: goro::sleep(50us); break;
        case 1: goro::gosched(); break;
        case 2: throw std::runtime_error("failed");
        case 3: goro::goexit();
        case 4:
          if (ctx.deadline()) static_cast<void>(ctx.done().recv());
          break;
        default: break;
      }
      return 1;
    };
  }

  void submit(stress::choices& pick) const {
    goro::task_options options{.priority = pick.between(-2, 2)};
    if (pick.one_in(3)) options.timeout = std::chrono::microseconds(pick.between(1, 500));
    std::optional<goro::future<int>> result;
    try {
      switch (pick.between(0, 2)) {
        case 0: result = pool.try_submit(options, task(pick)); break;
        case 1: result = pool.submit(options, task(pick)); break;
        default: {
          const auto [ctx, cancel] =
              goro::context::with_timeout(goro::context::background(), std::chrono::microseconds(pick.between(0, 300)));
          result = pool.submit(ctx, options, task(pick));
        }
      }
    } catch (const std::runtime_error&) {
      // closed, or no room in time
    }
    if (result) {
      settle(*result);
    } else {
      ++sum.refused;
    }
  }
};

void stop_and_count(stress::choices& pick) {
  const auto shared = std::make_shared<int>();
  tally sum;
  auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
  const int max = pick.between(1, 6);
  worker_pool pool(
      {.min = pick.between(0, max), .max = max, .idle_timeout = std::chrono::microseconds(pick.between(1, 2000))},
      {.queue = static_cast<std::size_t>(pick.between(1, 8)), .ctx = ctx, .aging = pick.between(0, 20)});
  const submitter from{pool, sum, shared};
  const int submits = pick.between(1, 100);
  const auto work = [&](stress::choices p) {
    for (int i = 0; i < submits; ++i) from.submit(p);
  };
  goro::wait_group group;
  for (int g = pick.between(1, 6); g > 0; --g) group.go([&, p = pick.fork()] { work(p); });
  std::vector<std::thread> threads;
  for (int t = pick.between(0, 2); t > 0; --t) threads.emplace_back(work, pick.fork());
  std::atomic<bool> over{false};
  goro::wait_group auditor;
  auditor.go([&] {
    while (!over) {
      const auto s = pool.stats();
      STRESS_CHECK(s.submitted == s.done + s.failed + s.cancelled + s.refused + s.queued + s.running);
      STRESS_CHECK(s.workers <= max);
      goro::gosched();
    }
  });
  const bool early = pick.one_in(2);
  if (early) {
    goro::sleep(std::chrono::microseconds(pick.between(0, 2000)));
    switch (pick.between(0, 2)) {
      case 0: cancel(); break;
      case 1: pool.stop_now(); break;
      default: pool.shutdown();
    }
  }
  group.wait();
  goro::blocking([&] {
    for (auto& t : threads) t.join();
  });
  pool.shutdown();
  over = true;
  auditor.wait();
  const auto s = pool.stats();
  STRESS_CHECK(s.queued == 0 && s.running == 0 && s.overdue == 0 && s.workers == 0);
  STRESS_CHECK(s.done == sum.done);
  STRESS_CHECK(s.failed == sum.failed);
  STRESS_CHECK(s.cancelled == sum.cancelled);
  STRESS_CHECK(s.refused == sum.refused);
  STRESS_CHECK(shared.use_count() == 2);  // and `from`
}

}  // namespace

int main(int argc, char** argv) { return stress::main("worker_pool", argc, argv, stop_and_count); }
