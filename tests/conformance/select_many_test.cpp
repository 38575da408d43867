// SPDX-License-Identifier: BSL-1.0
// Selects over as many cases as run time decides, and how they leave the queues they stood in.
#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using SelectMany = on_procs;
GORO_ON_PROCS(SelectMany);

/// n cases of mixed kinds on channels that nobody else uses: receives with and without destination, sends, nil.
struct mixed_cases {
  explicit mixed_cases(std::size_t n) : received(n) {
    for (std::size_t i = 0; i < n; ++i) {
      channels.push_back(i % 5 == 4 ? goro::chan<int>() : goro::make_chan<int>());
      switch (i % 5) {
        case 0: cases.emplace_back(goro::recv(channels[i], received[i])); break;
        case 1: cases.emplace_back(goro::send(channels[i], static_cast<int>(i))); break;
        case 2:
          cases.emplace_back(goro::recv(channels[i], [this, i](std::optional<int> v) { received[i] = v; }));
          break;
        case 3:
          cases.emplace_back(goro::send(channels[i], static_cast<int>(i), [this, i] { received[i] = -1; }));
          break;
        default: cases.emplace_back(goro::recv(channels[i], received[i]));
      }
    }
  }
  static bool receives(std::size_t i) { return i % 5 == 0 || i % 5 == 2; }
  static bool never(std::size_t i) { return i % 5 == 4; }

  std::vector<goro::chan<int>> channels;
  std::vector<std::optional<int>> received;
  std::vector<goro::select_case> cases;
};

void every_position_is_chosen_when_its_partner_comes(std::size_t n, std::size_t step) {
  mixed_cases mixed(n);
  for (std::size_t i = 0; i < n; i += step) {
    if (mixed_cases::never(i)) continue;
    const auto from_partner = goro::make_chan<std::optional<int>>(1);
    goro::go([&, i] {
      if (mixed_cases::receives(i)) {
        mixed.channels[i].send(static_cast<int>(i));
        from_partner.send(std::nullopt);
      } else {
        from_partner.send(mixed.channels[i].recv());
      }
    });
    const std::vector<std::optional<int>> before = mixed.received;
    ASSERT_EQ(goro::select(mixed.cases), i);
    const std::optional<int> partner_got = from_partner.recv().value();
    for (std::size_t k = 0; k < n; ++k) {
      ASSERT_TRUE(k == i || mixed.received[k] == before[k]) << "case " << i << " wrote what belongs to case " << k;
    }
    if (mixed_cases::receives(i)) {
      ASSERT_EQ(mixed.received[i], static_cast<int>(i));
    } else {
      ASSERT_EQ(partner_got, static_cast<int>(i));
      ASSERT_EQ(mixed.received[i], i % 5 == 3 ? std::optional(-1) : before[i]);
    }
  }
}

// SL-20
TEST_P(SelectMany, SL20_OneOf64CasesIsChosenInEveryPosition) {
  run([] { every_position_is_chosen_when_its_partner_comes(64, 1); });
}

// SL-20
TEST_P(SelectMany, SL20_OneOf1000CasesIsChosenInEveryPosition) {
  run([] {
    every_position_is_chosen_when_its_partner_comes(1000, static_cast<std::size_t>(scale(1, 7) == 1 ? 1 : 7));
  });
}

// SL-20
TEST_P(SelectMany, SL20_AnyOf65536CasesMayBeTheReadyOne) {
  run([] {
    constexpr std::size_t n = 65536;
    std::vector<goro::chan<int>> channels;
    std::vector<goro::select_case> cases;
    for (std::size_t i = 0; i < n; ++i) {
      channels.push_back(goro::make_chan<int>(1));
      cases.emplace_back(goro::recv(channels.back()));
    }
    for (const std::size_t i : {std::size_t{0}, n / 2, n - 1}) {
      channels[i].send(1);
      EXPECT_EQ(goro::select(cases), i);
    }
    cases.emplace_back(goro::recv(channels[0]));
    EXPECT_NE(panic_of([&] { return goro::select(cases); }), "no panic");
  });
}

// S10: wherever a select stood in a queue, it leaves without disturbing those around it.
TEST_P(SelectMany, SelectCompletedElsewhereLeavesTheQueueAroundItAsItWas) {
  run([] {
    constexpr int waiters = 9;
    const auto ch = goro::make_chan<int>();
    const auto results = goro::make_chan<std::pair<int, int>>(waiters);
    std::vector<goro::chan<void>> wake;
    for (int i = 0; i < waiters; ++i) wake.push_back(goro::make_chan<void>());
    for (int i = 0; i < waiters; ++i) {
      goro::go([=] {
        int x = -1;
        goro::select(goro::recv(wake[static_cast<std::size_t>(i)]), goro::recv(ch, x));
        results.send({i, x});
      });
      ASSERT_TRUE(eventually_waiting(static_cast<std::size_t>(i + 1), "select"));
    }
    for (const int leaving : {0, 4, 8, 5}) {  // first, middle, last, next to one that left
      wake[static_cast<std::size_t>(leaving)].send();
      EXPECT_EQ(results.recv(), std::pair(leaving, -1));
    }
    for (const int rest : {1, 2, 3, 6, 7}) {
      ch.send(100 + rest);
      EXPECT_EQ(results.recv(), std::pair(rest, 100 + rest));
    }
  });
}

std::chrono::nanoseconds time_to_wake_selects_in_one_queue(int n) {
  const auto shared = goro::make_chan<void>();
  const auto wake = goro::make_chan<void>();
  const auto left = goro::make_chan<void>(n);
  for (int i = 0; i < n; ++i) {
    goro::go([=] {
      goro::select(goro::recv(shared), goro::recv(wake));
      left.send();
    });
  }
  EXPECT_TRUE(eventually_waiting(static_cast<std::size_t>(n), "select"));
  const auto start = std::chrono::steady_clock::now();
  wake.close();  // each leaves the queue of `shared`, in any order
  for (int i = 0; i < n; ++i) left.recv();
  return std::chrono::steady_clock::now() - start;
}

// S11: four times the waiters take far less than sixteen times as long.
TEST_P(SelectMany, LeavingAQueueDoesNotCostTimeInProportionToItsLength) {
  run([] {
    const int n = as_many_goroutines(scale(80'000, 8'000 / slowdown())) / 4;
    double ratio = 0;
    for (int attempt = 0; attempt < 5; ++attempt) {
      const auto small = time_to_wake_selects_in_one_queue(n);
      const auto large = time_to_wake_selects_in_one_queue(4 * n);
      ratio = static_cast<double>(large.count()) / static_cast<double>(small.count());
      if (ratio < 12) return;
    }
    ADD_FAILURE() << "4 times the waiters took " << ratio << " times as long";
  });
}

}  // namespace
