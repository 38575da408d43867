// SPDX-License-Identifier: BSL-1.0
// goro::actor: one function at a time, in order; failures are supervised; nobody is left waiting when it stops.
#include <goro/actor.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <goro/sync/wait_group.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

struct Actor : on_procs {};
GORO_ON_PROCS(Actor);

struct account {
  int balance = 0;
};

TEST_P(Actor, RunsOneFunctionAtATime) {
  run([] {
    goro::actor<account> bank;
    goro::wait_group group;
    for (int g = 0; g < 10; ++g)
      group.go([&] {
        for (int i = 0; i < 100; ++i) {
          if (i % 2 == 0) {
            bank.ask([](account& a) { ++a.balance; });
          } else {
            EXPECT_TRUE(bank.tell([](account& a) {
              const int before = a.balance;
              goro::gosched();
              a.balance = before + 1;
            }));
          }
        }
      });
    group.wait();
    EXPECT_EQ(bank.ask([](const account& a) { return a.balance; }), 1000);
    bank.stop();
    EXPECT_EQ(bank.stats().handled, 1001u);
  });
}

TEST_P(Actor, RunsWhatOneSenderSendsInItsOrder) {
  run([] {
    goro::actor<std::vector<int>> list(goro::actor_options{.mailbox = 3});
    for (int i = 0; i < 100; ++i) EXPECT_TRUE(list.tell([i](auto& l) { l.push_back(i); }));
    const auto all = list.ask([](const auto& l) { return l; });
    ASSERT_EQ(all.size(), 100u);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(all[static_cast<std::size_t>(i)], i);
  });
}

TEST_P(Actor, AnExceptionReachesTheAskerAndStopsTheActor) {
  run([] {
    std::string logged;
    goro::actor<account> bank(goro::actor_options{.failed = [&](const std::exception_ptr& thrown) {
      try {
        std::rethrow_exception(thrown);
      } catch (const std::exception& e) {
        logged = e.what();
      }
    }});
    EXPECT_THROW(bank.ask([](account&) { throw std::runtime_error("no money"); }), std::runtime_error);
    bank.stop();
    EXPECT_EQ(logged, "no money");
    EXPECT_THROW(bank.ask([](const account& a) { return a.balance; }), goro::actor_stopped);
    EXPECT_FALSE(bank.tell([](account&) {}));
    EXPECT_FALSE(bank.try_tell([](account&) {}));
    EXPECT_EQ(bank.stats().failed, 1u);
  });
}

TEST_P(Actor, MayBeRestartedWithANewState) {
  run([] {
    std::atomic<int> made{0};
    goro::actor<account> bank(
        [&] {
          ++made;
          return account{100};
        },
        {.on_exception = goro::supervision::restart});
    bank.ask([](account& a) { a.balance = 7; });
    EXPECT_TRUE(bank.tell([](account&) { throw std::runtime_error("broken"); }));
    EXPECT_EQ(bank.ask([](const account& a) { return a.balance; }), 100);
    EXPECT_EQ(made, 2);
    EXPECT_EQ(bank.stats().restarts, 1u);
  });
}

TEST_P(Actor, WhoseStateCannotBeMadeAnswersNobody) {
  run([] {
    goro::actor<account> bank([]() -> account { throw std::runtime_error("no bank"); });
    EXPECT_THROW(bank.ask([](account&) {}), goro::actor_stopped);
  });
}

TEST_P(Actor, AnswersThoseWhoWaitWhenItStopsByItself) {
  run([] {
    goro::actor<account> bank(goro::actor_options{.mailbox = 2});
    auto gate = goro::make_chan<void>();
    EXPECT_TRUE(bank.tell([gate](account&) {
      gate.recv();
      throw std::runtime_error("it breaks");
    }));
    std::atomic<int> refused{0};
    goro::wait_group group;
    for (int i = 0; i < 5; ++i)
      group.go([&] {
        try {
          bank.ask([](account&) {});
        } catch (const goro::actor_stopped&) {
          ++refused;
        }
      });
    ASSERT_TRUE(eventually([&] { return bank.stats().waiting == 2; }));
    gate.close();
    group.wait();
    EXPECT_EQ(refused, 5);
    bank.stop();
    const goro::actor_stats stats = bank.stats();
    EXPECT_EQ(stats.failed, 1u);
    EXPECT_EQ(stats.waiting, 0u);
  });
}

TEST_P(Actor, ThatIsDestroyedRunsWhatItWasSent) {
  run([] {
    int ran = 0;
    {
      goro::actor<account> bank;
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(bank.tell([&](account&) { ++ran; }));
    }
    EXPECT_EQ(ran, 10);
  });
}

TEST_P(Actor, MaySendToItselfBeyondItsMailboxAndMustNotAskItself) {
  run([] {
    goro::actor<account> bank(goro::actor_options{.mailbox = 1});
    const std::string refusal = bank.ask([&](account&) {
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(bank.tell([](account& a) { ++a.balance; }));
      return panic_of([&] { return bank.ask([](const account& a) { return a.balance; }); });
    });
    EXPECT_EQ(refusal, "goro::actor: ask() from the actor's own goroutine would wait for itself: use the state there");
    EXPECT_EQ(bank.ask([](const account& a) { return a.balance; }), 10);
  });
}

TEST_P(Actor, EndsWithAFunctionThatCallsGoexit) {
  run([] {
    goro::actor<account> bank;
    EXPECT_EQ(panic_of([&] { return bank.ask([](account&) -> int { goro::goexit(); }); }),
              "goro::future: the function called goexit: there is no result");
    bank.stop();
    EXPECT_FALSE(bank.tell([](account&) {}));
  });
}

TEST_P(Actor, RefusesAMailboxWithoutRoom) {
  run([] {
    EXPECT_EQ(panic_of([] {
                goro::actor<account> none(goro::actor_options{.mailbox = 0});
                return 0;
              }),
              "goro::actor: a mailbox of 0 takes nothing; it must have room for 1 or more");
  });
}

TEST_P(Actor, IsAskedByPlainThreadsToo) {
  run([] {
    goro::actor<std::map<std::string, int>> hits;
    goro::blocking([&] {
      std::thread([&] {
        for (int i = 0; i < 10; ++i) EXPECT_TRUE(hits.tell([](auto& map) { ++map["/"]; }));
        EXPECT_EQ(hits.ask([](auto& map) { return map["/"]; }), 10);
        hits.stop();
      }).join();
    });
  });
}

}  // namespace
