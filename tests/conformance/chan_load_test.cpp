// SPDX-License-Identifier: BSL-1.0
// Values that go through channels under load arrive whole, and nothing stays behind.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>
#include <goro/sync.hpp>

#include "goro_test.hpp"

namespace {

using ChanLoad = on_procs;
GORO_ON_PROCS(ChanLoad);

struct shape {
  virtual ~shape() = default;
  [[nodiscard]] virtual int check() const = 0;
};

struct square final : shape {
  explicit square(int n) : side(n), area(n * n) {}
  [[nodiscard]] int check() const override { return area == side * side ? side : -1; }
  int side;
  int area;
};

struct point final : shape {
  explicit point(int n) : number(n) {}
  [[nodiscard]] int check() const override { return number; }
  int number;
};

int on_a_deep_stack(int depth, const shape& s) {
  std::array<volatile char, 1000> frame{};
  frame[0] = static_cast<char>(depth);
  return depth == 0 ? s.check() : on_a_deep_stack(depth - 1, s) + frame[1] * 0;
}

// CH-27
TEST_P(ChanLoad, CH27_PolymorphicPointersArriveWholeWhileReceiversUseDeepStacks) {
  run([] {
    constexpr int parties = 10;
    const int each = scale(100'000, 2'000);
    const auto ch = goro::make_chan<std::unique_ptr<shape>>(10);
    goro::wait_group senders;
    for (int p = 0; p < parties; ++p) {
      senders.go([=] {
        for (int i = 0; i < each; ++i) {
          if (i % 2 == 0) {
            ch.send(std::make_unique<square>(i % 1000));
          } else {
            ch.send(std::make_unique<point>(i % 1000));
          }
        }
      });
    }
    const auto sums = goro::make_chan<long>(parties);
    for (int p = 0; p < parties; ++p) {
      goro::go([=] {
        long sum = 0;
        for (auto s : ch) sum += on_a_deep_stack(50, *s);
        sums.send(sum);
      });
    }
    senders.wait();
    ch.close();
    long total = 0;
    for (int p = 0; p < parties; ++p) total += sums.recv().value();
    long expected = 0;
    for (int i = 0; i < each; ++i) expected += i % 1000;
    EXPECT_EQ(total, expected * parties);
  });
}

struct response {
  int request = 0;
  std::array<int, 8> padding{};
  std::string text;
};

response answer_to(int request) {
  response r{request, {}, std::to_string(request)};
  r.padding.fill(request);
  return r;
}

bool intact(const response& r, int request) {
  return r.request == request && r.padding == answer_to(request).padding && r.text == std::to_string(request);
}

template <class Send>
void answers_stay_intact(Send send) {
  constexpr int clients = 100;
  const int requests = scale(1000, 50 / slowdown());
  const auto bad = goro::make_chan<int>(clients);
  for (int c = 0; c < clients; ++c) {
    goro::go([=] {
      int wrong = 0;
      for (int i = 0; i < requests; ++i) {
        const auto reply = goro::make_chan<response>();
        goro::go([=] { send(reply, answer_to(c * requests + i)); });
        if (!intact(reply.recv().value(), c * requests + i)) ++wrong;
      }
      bad.send(wrong);
    });
  }
  for (int c = 0; c < clients; ++c) EXPECT_EQ(bad.recv(), 0);
}

// CH-36
TEST_P(ChanLoad, CH36_ResultsHandedOverByPlainSendsStayIntact) {
  run([] { answers_stay_intact([](const goro::chan<response>& reply, response r) { reply.send(std::move(r)); }); });
}

// CH-36
TEST_P(ChanLoad, CH36_ResultsHandedOverBySelectsWithANeverReadyAlternativeStayIntact) {
  run([] {
    answers_stay_intact([never = goro::make_chan<int>()](const goro::chan<response>& reply, response r) {
      goro::select(goro::send(reply, std::move(r)), goro::recv(never));
    });
  });
}

// CH-37
TEST_P(ChanLoad, CH37_DroppedChannelsAreFreed) {
  run([] {
    const auto before = goro::debug::stats().channels;
    for (int i = 0; i < 10'000; ++i) static_cast<void>(goro::make_chan<int>(10));
    EXPECT_EQ(goro::debug::stats().channels, before);

    std::vector<goro::chan<int>> kept;
    for (int i = 0; i < 10'000; ++i) kept.push_back(goro::make_chan<int>(10));
    EXPECT_EQ(goro::debug::stats().channels, before + 10'000);
    kept.clear();
    EXPECT_EQ(goro::debug::stats().channels, before);
  });
}

// CH-37
TEST_P(ChanLoad, CH37_DroppedChannelsFreeWhatIsBuffered) {
  run([] {
    const auto counted = std::make_shared<int>();
    for (int i = 0; i < 1000; ++i) {
      const auto ch = goro::make_chan<std::shared_ptr<int>>(10);
      for (int n = 0; n < i % 10; ++n) ch.send(counted);
    }
    EXPECT_EQ(counted.use_count(), 1);
  });
}

}  // namespace
