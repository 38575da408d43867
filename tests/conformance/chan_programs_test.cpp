// SPDX-License-Identifier: BSL-1.0
// Small whole programs on channels.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include <goro/chan.hpp>

#include "goro_test.hpp"

namespace {

using ChanPrograms = on_procs;
GORO_ON_PROCS(ChanPrograms);

using goro::chan;
using goro::make_chan;
using goro::recv_chan;
using goro::send_chan;

// CH-02
TEST_P(ChanPrograms, CH02_TenThousandGoroutinesPassAValueAlongAChain) {
  run([] {
    const auto leftmost = make_chan<int>();
    auto right = leftmost;
    for (int i = 0; i < as_many_goroutines(10'000); ++i) {
      const auto left = right;
      right = make_chan<int>();
      goro::go([left, right] { left.send(right.recv().value()); });
    }
    goro::go([right] { right.send(77); });
    EXPECT_EQ(leftmost.recv(), 77);
  });
}

// CH-06
TEST_P(ChanPrograms, CH06_PrimeSieveYieldsThePrimesBelowAHundred) {
  const std::vector<int> primes{2,  3,  5,  7,  11, 13, 17, 19, 23, 29, 31, 37, 41,
                                43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97};
  run([&] {
    auto numbers = make_chan<int>();
    goro::go([numbers] {
      for (int i = 2; i < 100; ++i) numbers.send(i);
      numbers.close();
    });
    std::vector<int> found;
    while (const auto prime = numbers.recv()) {
      found.push_back(*prime);
      const auto filtered = make_chan<int>();
      goro::go([in = numbers, out = filtered, divisor = *prime] {
        for (int n : in) {
          if (n % divisor != 0) out.send(n);
        }
        out.close();
      });
      numbers = filtered;
    }
    EXPECT_EQ(found, primes);
  });
}

// CH-08
TEST_P(ChanPrograms, CH08_ThousandMessagesToTenReceiversEachArriveExactlyOnce) {
  run([] {
    constexpr int messages = 1000;
    constexpr int receivers = 10;
    const auto ch = make_chan<int>(2);
    const auto results = make_chan<std::vector<int>>();
    for (int r = 0; r < receivers; ++r) {
      goro::go([=] {
        std::vector<int> mine;
        for (int v : ch) mine.push_back(v);
        results.send(std::move(mine));
      });
    }
    for (int i = 0; i < messages; ++i) ch.send(i);
    ch.close();
    std::vector<int> times(messages);
    for (int r = 0; r < receivers; ++r) {
      const auto received = results.recv().value();
      for (int v : received) ++times[static_cast<std::size_t>(v)];
    }
    EXPECT_THAT(times, testing::Each(1));
  });
}

/// Sends n times what it receives, as long as the results are within the limit, and goes on receiving after that.
void multiply(int n, const recv_chan<long>& in, const send_chan<long>& out, long limit) {
  bool open = true;
  for (long x : in) {
    if (open && x * n > limit) {
      out.close();
      open = false;
    }
    if (open) out.send(x * n);
  }
}

// CH-12
TEST_P(ChanPrograms, CH12_ThreeMultipliersYieldTheNumbersWithPrimeFactors235) {
  constexpr long limit = 1600;
  std::vector<long> expected;
  for (long n = 1; n <= limit; ++n) {
    long rest = n;
    for (long factor : {2, 3, 5}) {
      while (rest % factor == 0) rest /= factor;
    }
    if (rest == 1) expected.push_back(n);
  }
  run([&] {
    constexpr std::array factors{2, 3, 5};
    std::vector<chan<long>> in;
    std::vector<chan<long>> out;
    for (int factor : factors) {
      in.push_back(make_chan<long>(100));
      out.push_back(make_chan<long>(100));
      goro::go(multiply, factor, in.back(), out.back(), limit);
    }
    std::vector<long> found;
    std::array<std::optional<long>, 3> heads;
    long x = 1;
    for (;;) {
      found.push_back(x);
      for (const auto& ch : in) ch.send(x);
      for (std::size_t i = 0; i < heads.size(); ++i) {
        if (!heads[i] || *heads[i] <= x) heads[i] = out[i].recv();
      }
      long next = limit + 1;
      for (const auto& head : heads) next = std::min(next, head.value_or(limit + 1));
      if (next > limit) break;
      x = next;
    }
    for (const auto& ch : in) ch.close();
    EXPECT_EQ(found, expected);
  });
}

// CH-18
TEST_P(ChanPrograms, CH18_MainReceivesWhatAGoroutineSends) {
  run([] {
    const auto ch = make_chan<int>();
    goro::go([=] { ch.send(0); });
    EXPECT_EQ(ch.recv(), 0);
  });
}

struct service {
  virtual ~service() = default;
  virtual void serve(send_chan<int> out) const = 0;
};

struct answer_service final : service {
  void serve(send_chan<int> out) const override { out.send(42); }
};

// CH-19
TEST_P(ChanPrograms, CH19_GoStatementOnAVirtualFunctionWithADirectionalArgument) {
  run([] {
    const std::unique_ptr<service> s = std::make_unique<answer_service>();
    const auto ch = make_chan<int>();
    goro::go(&service::serve, s.get(), ch);
    EXPECT_EQ(ch.recv(), 42);
  });
}

/// Accepts what others put into a channel that both sides know.
class fake_listener {
 public:
  [[nodiscard]] std::string accept() const { return requests_.recv().value(); }
  void dial(std::string request) const { requests_.send(std::move(request)); }

 private:
  chan<std::string> requests_ = make_chan<std::string>();
};

// CH-22
TEST_P(ChanPrograms, CH22_ListenerBuiltOnAChannelAcceptsEveryDial) {
  run([] {
    const fake_listener listener;
    const auto served = make_chan<std::string>();
    goro::go([&] {
      for (int i = 0; i < 3; ++i) served.send("served " + listener.accept());
      served.close();
    });
    for (const char* request : {"a", "b", "c"}) {
      listener.dial(request);
      EXPECT_EQ(served.recv(), std::string("served ") + request);
    }
    EXPECT_EQ(served.recv(), std::nullopt);
  });
}

}  // namespace
