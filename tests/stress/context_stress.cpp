// SPDX-License-Identifier: BSL-1.0
// Random trees of contexts, cancelled, timed out, extended and dropped by several goroutines and threads at the same
// time. When a cancel returns, everything below is done (rule X3); every call that was registered comes or was stopped.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <thread>
#include <vector>

#include "stress.hpp"

namespace {

using goro::context;
using namespace std::chrono_literals;

inline constexpr goro::context_key<int> depth_key{"depth"};

struct branch {
  std::vector<std::size_t> below;
  context ctx;
  std::optional<goro::cancel_func> cancel;
};

std::vector<branch> grow(stress::choices& pick, std::size_t n) {
  std::vector<branch> tree;
  tree.reserve(n);
  std::vector<std::size_t> parents;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t above = i == 0 ? 0 : static_cast<std::size_t>(pick.between(0, static_cast<int>(i) - 1));
    context parent = i == 0 ? context::background() : tree[above].ctx;
    if (pick.one_in(3)) parent = context::with_value(parent, depth_key, static_cast<int>(i));
    auto [ctx, cancel] = pick.one_in(2) ? context::with_cancel(parent)
                         : pick.one_in(2)
                             ? context::with_timeout(parent, 1h)
                             : context::with_timeout(parent, std::chrono::microseconds(pick.between(0, 300)));
    parents.push_back(above);
    tree.push_back({{}, ctx, cancel});
    for (std::size_t at = i; at != 0; at = parents[at]) tree[parents[at]].below.push_back(i);
  }
  return tree;
}

void cancel_everywhere(stress::choices& pick) {
  std::vector<branch> tree = grow(pick, static_cast<std::size_t>(pick.between(1, 40)));
  std::atomic<int> called{0};
  std::atomic<int> registered{0};
  std::atomic<int> stopped{0};
  const auto work = [&](stress::choices p) {
    for (int i = p.between(1, 20); i > 0; --i) {
      const branch& b = tree[static_cast<std::size_t>(p.between(0, static_cast<int>(tree.size()) - 1))];
      switch (p.between(0, 4)) {
        case 0: {
          (*b.cancel)();
          STRESS_CHECK(bool(b.ctx.err()));
          for (const std::size_t at : b.below) STRESS_CHECK(bool(tree[at].ctx.err()));
          break;
        }
        case 1: {
          const bool was_done = bool(b.ctx.err());
          auto [child, cancel] = context::with_cancel(b.ctx);
          if (was_done) STRESS_CHECK(child.err() && child.done().try_recv() == goro::recv_status::closed);
          break;
        }
        case 2: {
          ++registered;
          const goro::stop_func stop = context::after_func(b.ctx, [&, kept = stress::counted()] { ++called; });
          if (p.one_in(2) && stop()) ++stopped;
          break;
        }
        case 3: {
          const int* const depth = b.ctx.value(depth_key);
          STRESS_CHECK(depth == nullptr || *depth < static_cast<int>(tree.size()));
          break;
        }
        default: {
          if (b.ctx.err()) {
            b.ctx.done().recv();
            STRESS_CHECK(b.ctx.cause() != nullptr);
          }
          break;
        }
      }
    }
  };
  goro::wait_group wg;
  std::vector<std::thread> threads;
  for (int w = pick.between(1, 6); w > 0; --w) {
    if (pick.one_in(4)) {
      threads.emplace_back(work, pick.fork());
    } else {
      wg.go([&work, p = pick.fork()] { work(p); });
    }
  }
  wg.wait();
  goro::blocking([&] {
    for (auto& thread : threads) thread.join();
  });
  tree.clear();  // the last copies of the cancel functions: everything is done
  while (called + stopped != registered) goro::gosched();
}

}  // namespace

int main(int argc, char** argv) { return stress::main("context", argc, argv, cancel_everywhere); }
