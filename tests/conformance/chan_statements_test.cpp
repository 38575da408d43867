// SPDX-License-Identifier: BSL-1.0
// Where channel operations stand in other statements: go, defer, select.
#include <functional>
#include <string>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using ChanStatements = on_procs;
GORO_ON_PROCS(ChanStatements);

void add_and_send(int a, int b, const goro::send_chan<int>& out) { out.send(a + b); }

std::function<void(int, int, goro::send_chan<int>)> adder() {
  return [](int a, int b, const goro::send_chan<int>& out) { out.send(a + b); };
}

// CH-13
TEST_P(ChanStatements, CH13_GoTakesAFunctionAFunctionValueACallResultAndALambda) {
  run([] {
    const auto ch = goro::make_chan<int>();
    goro::go(add_and_send, 1, 2, ch);
    EXPECT_EQ(ch.recv(), 3);
    const auto function = adder();
    goro::go(function, 3, 4, ch);
    EXPECT_EQ(ch.recv(), 7);
    goro::go(adder(), 5, 6, ch);
    EXPECT_EQ(ch.recv(), 11);
    goro::go([](int a, int b, const goro::send_chan<int>& out) { out.send(a + b); }, 7, 8, ch);
    EXPECT_EQ(ch.recv(), 15);
  });
}

// CH-13
TEST_P(ChanStatements, CH13_ArgumentsOfAGoStatementAreEvaluatedByTheCaller) {
  run([] {
    const auto ch = goro::make_chan<int>();
    std::vector<std::uint64_t> evaluated_by;
    int value = 1;
    const auto argument = [&] {
      evaluated_by.push_back(goro::goid());
      return value;
    };
    goro::go(add_and_send, argument(), argument(), ch);
    value = 100;
    EXPECT_EQ(evaluated_by, (std::vector<std::uint64_t>{goro::goid(), goro::goid()}));
    EXPECT_EQ(ch.recv(), 2);
  });
}

// CH-24
TEST_P(ChanStatements, CH24_ValueReceivedByASelectIsTheOneSentWhileAnotherUsesACopy) {
  run([] {
    const auto strings = goro::make_chan<std::string>();
    const auto copies = goro::make_chan<std::string>();
    const auto quit = goro::make_chan<void>();
    goro::go([=] {
      for (int i = 0; i < 100; ++i) {
        std::string text = "message number " + std::to_string(i) + ", longer than a small string";
        copies.send(text);
        strings.send(std::move(text));
      }
      quit.send();
    });
    std::vector<std::string> received;
    std::vector<std::string> copied;
    for (bool more = true; more;) {
      std::string text;
      switch (goro::select(goro::recv(strings, text), goro::recv(copies, text), goro::recv(quit))) {
        case 0: received.push_back(text); break;
        case 1: copied.push_back(text); break;
        default: more = false;
      }
    }
    EXPECT_EQ(received.size(), 100u);
    EXPECT_EQ(received, copied);
  });
}

// CH-26
TEST_P(ChanStatements, CH26_ReceiveInTheArgumentsOfADeferredCallHappensWhenItIsRegistered) {
  run([] {
    const auto ch = goro::make_chan<int>(1);
    ch.send(1);
    int seen = 0;
    {
      const goro::defer later{[&seen, v = ch.recv().value()] { seen = v; }};
      EXPECT_EQ(ch.len(), 0u);
      ch.send(2);
      EXPECT_EQ(seen, 0);
    }
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(ch.recv(), 2);
  });
}

}  // namespace
