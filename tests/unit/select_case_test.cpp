// SPDX-License-Identifier: BSL-1.0
// The forms of a case: destinations, handlers, values to send.
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>
#include <goro/sync.hpp>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

using SelectCase = on_procs;
GORO_ON_PROCS(SelectCase);

TEST_P(SelectCase, IndexIsThePositionAmongAllArgumentsOtherwiseIncluded) {
  run([] {
    const auto ready = goro::make_chan<int>();
    ready.close();
    const goro::chan<int> nil;
    EXPECT_EQ(goro::select(goro::recv(ready)), 0u);
    EXPECT_EQ(goro::select(goro::otherwise, goro::recv(ready)), 1u);
    EXPECT_EQ(goro::select(goro::recv(nil), goro::otherwise, goro::recv(nil), goro::recv(ready)), 3u);
    EXPECT_EQ(goro::select(goro::recv(nil), goro::otherwise, goro::recv(nil)), 1u);
  });
}

TEST_P(SelectCase, EveryFormOfReceivingWritesItsDestination) {
  run([] {
    const auto ch = goro::make_chan<std::string>(1);
    std::string x;
    bool ok = false;
    std::optional<std::string> opt;
    std::optional<std::string> seen;

    ch.send("a");
    goro::select(goro::recv(ch, x));
    EXPECT_EQ(x, "a");
    ch.send("b");
    goro::select(goro::recv(ch, x, ok));
    EXPECT_EQ(x, "b");
    EXPECT_TRUE(ok);
    ch.send("c");
    goro::select(goro::recv(ch, opt));
    EXPECT_EQ(opt, "c");
    ch.send("d");
    goro::select(goro::recv(ch, [&](std::optional<std::string> v) { seen = std::move(v); }));
    EXPECT_EQ(seen, "d");
    ch.send("e");
    goro::select(goro::recv(ch));
    EXPECT_EQ(ch.len(), 0u);

    ch.close();
    goro::select(goro::recv(ch, x));
    EXPECT_EQ(x, "");
    x = "before";
    goro::select(goro::recv(ch, x, ok));
    EXPECT_EQ(x, "");
    EXPECT_FALSE(ok);
    goro::select(goro::recv(ch, opt));
    EXPECT_EQ(opt, std::nullopt);
    goro::select(goro::recv(ch, [&](std::optional<std::string> v) { seen = std::move(v); }));
    EXPECT_EQ(seen, std::nullopt);
  });
}

TEST_P(SelectCase, ChannelOfVoidTakesHandlersWithAndWithoutOk) {
  run([] {
    const auto ch = goro::make_chan<void>(1);
    int runs = 0;
    bool ok = false;
    ch.send();
    EXPECT_EQ(goro::select(goro::recv(ch, [&] { ++runs; }), goro::otherwise), 0u);
    EXPECT_EQ(runs, 1);
    ch.send();
    EXPECT_EQ(goro::select(goro::recv(ch, [&](bool received) { ok = received; }), goro::otherwise), 0u);
    EXPECT_TRUE(ok);
    ok = false;
    EXPECT_EQ(goro::select(goro::send(ch), goro::otherwise), 0u);
    EXPECT_EQ(goro::select(goro::send(ch, [&] { ++runs; }), goro::otherwise), 1u);
    EXPECT_EQ(goro::select(goro::recv(ch, ok), goro::otherwise), 0u);
    EXPECT_TRUE(ok);
    EXPECT_EQ(goro::select(goro::send(ch, [&] { ++runs; }), goro::otherwise), 0u);
    EXPECT_EQ(runs, 2);
    static_cast<void>(ch.recv());
    ch.close();
    goro::select(goro::recv(ch, [&](bool received) { ok = received; }));
    EXPECT_FALSE(ok);
  });
}

TEST_P(SelectCase, OnlyTheHandlerOfTheChosenCaseRuns) {
  run([] {
    const auto ready = goro::make_chan<int>(1);
    const auto room = goro::make_chan<int>(1);
    const goro::chan<int> nil;
    const auto never = [](auto&&...) { ADD_FAILURE() << "the handler of a case that was not chosen"; };
    std::vector<std::string> log;
    ready.send(1);
    goro::select(goro::recv(ready, [&](std::optional<int> v) { log.push_back("recv " + std::to_string(*v)); }),
                 goro::recv(nil, [&](std::optional<int>) { never(); }), goro::otherwise([&] { never(); }));
    goro::select(goro::send(room, 2, [&] { log.emplace_back("send"); }), goro::send(nil, 3, [&] { never(); }));
    goro::select(goro::recv(ready, [&](std::optional<int>) { never(); }),
                 goro::otherwise([&] { log.emplace_back("otherwise"); }));
    EXPECT_EQ(log, (std::vector<std::string>{"recv 1", "send", "otherwise"}));
    EXPECT_EQ(room.recv(), 2);
  });
}

TEST_P(SelectCase, HandlerMayUseTheChannelsOfItsSelect) {
  run([] {
    const auto ch = goro::make_chan<int>(1);
    ch.send(3);
    std::vector<int> countdown;
    for (bool more = true; more;) {
      goro::select(goro::recv(ch,
                              [&](std::optional<int> v) {
                                countdown.push_back(*v);
                                if (*v > 0) goro::select(goro::send(ch, *v - 1), goro::otherwise);
                              }),
                   goro::otherwise([&] { more = false; }));
    }
    EXPECT_EQ(countdown, (std::vector{3, 2, 1, 0}));
  });
}

TEST_P(SelectCase, LvalueToSendIsCopiedWhenTheCaseIsMade) {
  run([] {
    const auto ch = goro::make_chan<std::string>(1);
    std::string value = "first";
    auto made = goro::send(ch, value);
    value = "second";
    EXPECT_EQ(goro::select(made), 0u);
    EXPECT_EQ(ch.recv(), "first");
    EXPECT_EQ(value, "second");
  });
}

TEST_P(SelectCase, RvalueToSendIsMovedFromOnlyIfItsCaseIsChosen) {
  run([] {
    const auto full = goro::make_chan<std::unique_ptr<int>>();
    const auto room = goro::make_chan<std::unique_ptr<int>>(1);
    auto a = std::make_unique<int>(1);
    auto b = std::make_unique<int>(2);
    EXPECT_EQ(goro::select(goro::send(full, std::move(a)), goro::send(room, std::move(b))), 1u);
    ASSERT_NE(a, nullptr);
    EXPECT_EQ(*a, 1);
    EXPECT_EQ(b, nullptr);
    EXPECT_EQ(*room.recv().value(), 2);
  });
}

TEST_P(SelectCase, MoveOnlyValueSurvivesABlockedSelectThatWentAnotherWay) {
  run([] {
    const auto nobody = goro::make_chan<std::unique_ptr<int>>();
    const auto quit = goro::make_chan<void>();
    const auto kept = goro::make_chan<bool>();
    goro::go([=] {
      auto value = std::make_unique<int>(1);
      const bool other_way = goro::select(goro::send(nobody, std::move(value)), goro::recv(quit)) == 1;
      kept.send(other_way && value != nullptr && *value == 1);
    });
    ASSERT_TRUE(eventually_waiting(1, "select"));
    quit.send();
    EXPECT_EQ(kept.recv(), true);
  });
}

TEST_P(SelectCase, ElementsAreNeitherCopiedNorLeftByAnyOutcome) {
  tracked::reset();
  run([] {
    const auto a = goro::make_chan<tracked>(1);
    const auto b = goro::make_chan<tracked>();
    std::optional<tracked> x;
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(goro::select(goro::send(a, tracked(i)), goro::send(b, tracked(100))), 0u);
      EXPECT_EQ(goro::select(goro::recv(a, x), goro::recv(b)), 0u);
      EXPECT_EQ(x->value, i);
      EXPECT_EQ(goro::select(goro::recv(a), goro::recv(b, x), goro::otherwise), 2u);
      EXPECT_EQ(x->value, i);
    }
    a.send(tracked(1));
    EXPECT_EQ(goro::select(goro::recv(a)), 0u);
    EXPECT_EQ(tracked::alive, 1);
  });
  EXPECT_EQ(tracked::alive, 0);
  EXPECT_EQ(tracked::copies, 0);
}

TEST_P(SelectCase, ExceptionFromAHandlerDestroysTheReceivedValue) {
  run([] {
    const auto ch = goro::make_chan<tracked>(1);
    ch.send(tracked(1));
    const auto refuse = [](std::optional<tracked>) { throw std::runtime_error("refused"); };
    EXPECT_THROW(goro::select(goro::recv(ch, refuse)), std::runtime_error);
  });
  EXPECT_EQ(tracked::alive, 0);
}

TEST_P(SelectCase, DirectionalChannelsStandInCases) {
  run([] {
    const auto ch = goro::make_chan<int>(1);
    EXPECT_EQ(goro::select(goro::send(goro::send_chan<int>(ch), 1)), 0u);
    int x = 0;
    EXPECT_EQ(goro::select(goro::recv(goro::recv_chan<int>(ch), x)), 0u);
    EXPECT_EQ(x, 1);
  });
}

TEST_P(SelectCase, ValueToSendConvertsToTheElementType) {
  run([] {
    const auto ch = goro::make_chan<std::string>(1);
    EXPECT_EQ(goro::select(goro::send(ch, "literal"), goro::otherwise), 0u);
    EXPECT_EQ(ch.recv(), "literal");
  });
}

TEST_P(SelectCase, CaseOnATemporaryChannelKeepsItAlive) {
  run([] {
    const auto before = goro::debug::stats().channels;
    {
      auto made = goro::recv(goro::make_chan<int>(1));
      EXPECT_EQ(goro::select(made, goro::otherwise), 1u);
      EXPECT_EQ(goro::debug::stats().channels, before + 1);
    }
    EXPECT_EQ(goro::debug::stats().channels, before);
  });
}

TEST_P(SelectCase, CaseKeepsItsChannelWhenAnotherGoroutineDropsTheLastHandle) {
  run([] {
    goro::mutex lock;
    auto shared = goro::make_chan<int>();
    const auto quit = goro::make_chan<void>();
    const auto chosen = goro::make_chan<std::size_t>();
    goro::go([&] {
      std::unique_lock hold(lock);
      auto first = goro::recv(shared);
      hold.unlock();
      chosen.send(goro::select(first, goro::recv(quit)));
    });
    ASSERT_TRUE(eventually_waiting(1, "select"));
    {
      const std::lock_guard hold(lock);
      shared = {};
    }
    for (int i = 0; i < 100; ++i) static_cast<void>(goro::make_chan<int>());  // would take the freed memory
    quit.send();
    EXPECT_EQ(chosen.recv(), 1u);
  });
}

}  // namespace
