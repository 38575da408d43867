// SPDX-License-Identifier: BSL-1.0
// goro::pipeline: chains of random stages do what a loop does, and no chain holds more elements than it has room for.
#include <goro/pipeline.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <numeric>
#include <optional>
#include <random>
#include <vector>

#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

namespace gp = goro::pipeline;
using ints = std::vector<int>;

struct PipelineModel : on_procs {};
GORO_ON_PROCS(PipelineModel);

ints up_to(int n) {
  ints all(static_cast<std::size_t>(n));
  std::iota(all.begin(), all.end(), 0);
  return all;
}

// Chains of random stages against the same on a vector.

struct both {
  gp::source<int> pipeline;
  ints model;
};

template <class F>
ints mapped(const ints& in, F f) {
  ints out;
  for (int x : in) out.push_back(f(x));
  return out;
}

both with_random_stage(std::mt19937& pick, both b) {
  const auto n = static_cast<int>(pick() % 20);
  const auto workers = static_cast<std::ptrdiff_t>(1 + pick() % 4);
  const auto add = [n](int x) { return x + n; };
  const auto divides = [n](int x) { return x % (n + 1) != 0; };
  switch (pick() % 9) {
    case 0: return {std::move(b.pipeline) | gp::map(add), mapped(b.model, add)};
    case 1: {
      ints left;
      std::ranges::copy_if(b.model, std::back_inserter(left), divides);
      return {std::move(b.pipeline) | gp::filter(divides), left};
    }
    case 2: return {std::move(b.pipeline) | gp::fan_out(gp::ordered, workers, add), mapped(b.model, add)};
    case 3: {
      ints first(b.model.begin(), b.model.begin() + std::min<std::ptrdiff_t>(n * 10, std::ssize(b.model)));
      return {std::move(b.pipeline) | gp::take(n * 10), first};
    }
    case 4: {
      const auto small = [n](int x) { return x < n * 20; };
      ints first(b.model.begin(), std::ranges::find_if_not(b.model, small));
      return {std::move(b.pipeline) | gp::take_while(small), first};
    }
    case 5: {
      ints sums;
      for (std::size_t i = 0; i < b.model.size(); ++i) {
        if (i % static_cast<std::size_t>(n + 1) == 0) sums.push_back(0);
        sums.back() = (sums.back() + b.model[i]) % 1000;
      }
      return {std::move(b.pipeline) | gp::batch(n + 1) | gp::map([](const ints& batch) {
                int sum = 0;
                for (int x : batch) sum = (sum + x) % 1000;
                return sum;
              }),
              sums};
    }
    case 6: return {std::move(b.pipeline) | gp::buffered(n), b.model};
    case 7: return {std::move(b.pipeline) | gp::tee([](int) {}), b.model};
    default: return {std::move(b.pipeline) | gp::tee(gp::take(n) | gp::for_each([](int) {})), b.model};
  }
}

TEST_P(PipelineModel, DoesWhatALoopDoes) {
  const auto seed = std::random_device{}();
  std::mt19937 pick(seed);
  run([&] {
    for (int round = 0; round < scale(300, 30); ++round) {
      const ints start = up_to(static_cast<int>(pick() % 500));
      both b{gp::from(ints(start)), start};
      const auto stages = pick() % 6;
      for (unsigned i = 0; i < stages; ++i) b = with_random_stage(pick, std::move(b));
      switch (pick() % 3) {
        case 0: ASSERT_EQ(std::move(b.pipeline) | gp::collect(), b.model) << "seed " << seed; break;
        case 1: {
          const auto [all, n] = std::move(b.pipeline) | gp::broadcast(gp::collect(), gp::count());
          ASSERT_EQ(all, b.model) << "seed " << seed;
          ASSERT_EQ(n, b.model.size()) << "seed " << seed;
          break;
        }
        default: {
          const auto workers = static_cast<std::ptrdiff_t>(1 + pick() % 4);
          ints all = std::move(b.pipeline) | gp::fan_out(workers, [](int x) { return x; }) | gp::collect();
          std::ranges::sort(all);
          std::ranges::sort(b.model);
          ASSERT_EQ(all, b.model) << "seed " << seed;
        }
      }
    }
  });
}

// How many elements live at a time.

struct counted {
  counted() { note(++alive); }
  counted(const counted&) { note(++alive); }
  counted(counted&&) noexcept { note(++alive); }
  counted& operator=(const counted&) = default;
  ~counted() { --alive; }
  static void note(int now) {
    int seen = most;
    while (now > seen && !most.compare_exchange_weak(seen, now)) {
    }
  }
  static inline std::atomic<int> alive{0};
  static inline std::atomic<int> most{0};
};

/// So many places may a goroutine have one element in while it moves it on.
constexpr int in_hand = 4;

auto counted_things(int n) {
  counted::most = 0;
  return gp::generate([n]() mutable { return n-- > 0 ? std::optional<counted>(std::in_place) : std::nullopt; });
}

constexpr auto pass = [](counted x) { return x; };

/// So slow that all that is above it fills up.
void slowly(const counted&) {
  static std::atomic<int> calls{0};
  if (++calls % 50 == 0) goro::sleep(std::chrono::microseconds(100));
}

TEST_P(PipelineModel, HoldsNoMoreElementsThanThereIsRoomFor) {
  run([] {
    counted_things(2000) | gp::buffered(5) | gp::map(pass) | gp::buffered(0) |
        gp::filter([](const counted&) { return true; }) | gp::buffered(3) | gp::for_each(slowly);
    EXPECT_LE(counted::most, 5 + 0 + 3 + 4 * in_hand);

    counted_things(2000) | gp::buffered(2) | gp::fan_out(3, pass) | gp::buffered(2) | gp::for_each(slowly);
    EXPECT_LE(counted::most, 2 + 2 + 5 * in_hand);

    counted_things(2000) | gp::buffered(2) | gp::batch(10) | gp::buffered(2) |
        gp::for_each([](const std::vector<counted>& all) { slowly(all.front()); });
    EXPECT_LE(counted::most, 2 + 2 * 10 + 3 * 2 * 10) << "a vector that grows holds the old and the new ones";

    counted_things(2000) | gp::buffered(2) |
        gp::broadcast(gp::buffered(2) | gp::for_each(slowly), gp::buffered(2) | gp::map(pass) | gp::for_each(slowly));
    EXPECT_LE(counted::most, 2 + 2 + 2 + 64 + 6 * in_hand);
    EXPECT_EQ(counted::alive, 0);
  });
}

TEST_P(PipelineModel, HoldsNoMoreElementsWhileTheFirstOfThemIsSlow) {
  run([] {
    auto gate = goro::make_chan<void>();
    goro::after_func(std::chrono::milliseconds(20), [gate] { gate.close(); });
    std::atomic<int> begun{0};
    const auto n = counted_things(2000) | gp::buffered(8) |
                   gp::fan_out(gp::ordered, 3,
                               [&](counted x) {
                                 if (++begun == 1) gate.recv();
                                 return x;
                               }) |
                   gp::count();
    EXPECT_EQ(n, 2000u);
    EXPECT_LE(counted::most, 8 + (3 + 8) + 64 + 6 * in_hand);
    EXPECT_EQ(counted::alive, 0);
  });
}

}  // namespace
