// SPDX-License-Identifier: BSL-1.0
// What a burst of goroutines or of pending calls leaves behind: memory to use again, and after a while not even that.
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <iterator>
#include <mutex>
#include <new>
#include <set>
#include <span>
#include <vector>

#include <goro/goro.hpp>

#include "goro_test.hpp"
#include "sched/blocks.hpp"
#include "time/pending_calls.hpp"

namespace {

using namespace std::chrono_literals;

const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));

/// By their addresses.
using pages = std::set<std::uintptr_t>;

void add_page_of(pages& to, const void* at) { to.insert(reinterpret_cast<std::uintptr_t>(at) / page * page); }

std::size_t resident(const pages& of) {
  return static_cast<std::size_t>(std::ranges::count_if(of, [](std::uintptr_t at) {
    unsigned char state = 0;
    return ::mincore(reinterpret_cast<void*>(at), page, &state) == 0 && (state & 1) != 0;
  }));
}

struct touched {
  pages stacks, blocks;
};

/// n goroutines that are all there at once, and end.
touched burst(int n) {
  touched result;
  const auto gate = goro::make_chan<void>();
  goro::wait_group ready, ended;
  std::mutex adding;
  for (int i = 0; i < n; ++i) {
    ready.add();
    ended.go([&] {
      {
        const std::lock_guard lock(adding);
        add_page_of(result.stacks, __builtin_frame_address(0));
      }
      ready.done();
      gate.recv();
    });
  }
  ready.wait();
  goro::runtime::for_each_goroutine(
      [](goro::runtime::goroutine* g, void* to) { add_page_of(*static_cast<pages*>(to), g); }, &result.blocks);
  gate.close();
  ended.wait();
  return result;
}

pages of_pending_calls() {
  pages result;
  goro::runtime::pending_calls.for_each_begun([&result](std::span<goro::detail::func_timer> calls) {
    for (const auto& call : calls) add_page_of(result, &call);
  });
  return result;
}

std::size_t pages_for_calls(int n) { return static_cast<std::size_t>(n) * sizeof(goro::detail::func_timer) / page; }

/// Waits without keeping a processor, until nine of ten pages are gone. A few stay with those who wait.
bool eventually_gone(const pages& these) {
  constexpr std::size_t kept = 40;
  for (auto waited = 0ms; waited < 20s * slowdown(); waited += 20ms) {
    if (resident(these) <= these.size() / 10 + kept) return true;
    goro::sleep(20ms);
  }
  return false;
}

struct BurstMemory : on_procs {};
GORO_ON_PROCS(BurstMemory);

TEST_P(BurstMemory, PagesOfStacksAndControlBlocksGoBackToTheKernelAfterAWhile) {
  run([] {
    for (int round = 0; round < 2; ++round) {
      const touched memory = burst(as_many_goroutines(5000));
      EXPECT_TRUE(eventually_gone(memory.stacks)) << resident(memory.stacks) << " of " << memory.stacks.size();
      EXPECT_TRUE(eventually_gone(memory.blocks)) << resident(memory.blocks) << " of " << memory.blocks.size();
    }
  });
}

TEST_P(BurstMemory, ABurstRightAfterAnotherUsesItsStacks) {
  run([] {
    const int n = as_many_goroutines(5000);
    const touched first = burst(n);
    const touched second = burst(n);
    pages both;
    std::ranges::set_intersection(first.stacks, second.stacks, std::inserter(both, both.end()));
    EXPECT_GE(both.size(), second.stacks.size() / 10 * 9);
  });
}

std::vector<goro::timer> call_later(int n, const std::function<void()>& f) {
  std::vector<goro::timer> result;
  for (int i = 0; i < n; ++i) result.push_back(goro::after_func(1h, f));
  return result;
}

TEST_P(BurstMemory, PagesOfPendingCallsGoBackToTheKernelAfterTheyWereStopped) {
  run([] {
    const int n = 1'000'000 / slowdown();
    for (int round = 0; round < 2; ++round) {
      auto timers = call_later(n, [] { FAIL() << "stopped"; });
      const pages memory = of_pending_calls();
      EXPECT_GE(resident(memory), pages_for_calls(n));
      for (auto& timer : timers) EXPECT_TRUE(timer.stop());
      timers.clear();
      EXPECT_TRUE(eventually_gone(memory)) << resident(memory) << " of " << memory.size();
    }
  });
}

TEST_P(BurstMemory, PagesOfPendingCallsGoBackToTheKernelAfterTheyHaveRun) {
  run([] {
    const int n = as_many_goroutines(50'000);
    goro::wait_group to_run;
    to_run.add(n);
    auto timers = call_later(n, [&to_run] { to_run.done(); });
    const pages memory = of_pending_calls();
    EXPECT_GE(resident(memory), pages_for_calls(n));
    for (auto& timer : timers) EXPECT_TRUE(timer.reset(0s));
    timers.clear();
    to_run.wait();
    EXPECT_TRUE(eventually_gone(memory)) << resident(memory) << " of " << memory.size();
  });
}

TEST_P(BurstMemory, ABurstOfPendingCallsRightAfterAnotherUsesItsMemory) {
  run([] {
    const int n = 100'000 / slowdown();
    const auto stop_all = [](std::vector<goro::timer> timers) {
      for (auto& timer : timers) timer.stop();
    };
    stop_all(call_later(n, [] {}));
    const pages first = of_pending_calls();
    stop_all(call_later(n, [] {}));
    EXPECT_LE(of_pending_calls().size(), first.size());
  });
}

TEST(ControlBlock, B3_ABlockOfZerosIsAFreeOne) {
  alignas(goro::runtime::goroutine) std::array<unsigned char, sizeof(goro::runtime::goroutine)> memory{};
  auto* const g = ::new (memory.data()) goro::runtime::goroutine;
  EXPECT_EQ(g->state.load(), goro::runtime::status::free);
  const auto* const bytes = reinterpret_cast<const unsigned char*>(g);
  EXPECT_TRUE(std::all_of(bytes, bytes + sizeof *g, [](unsigned char byte) { return byte == 0; }));
}

}  // namespace
