// SPDX-License-Identifier: BSL-1.0
// What makes a select wait, and what it finds on nil and on closed channels.
#include <array>
#include <atomic>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "chan_forms.hpp"
#include "goro_test.hpp"

namespace {

using SelectBlock = on_procs;
GORO_ON_PROCS(SelectBlock);

std::atomic<int> came_back = 0;  // static: the goroutines of two tests never end

template <class F>
void go_for_ever(F f) {
  goro::go([f] {
    f();
    ++came_back;
  });
}

// SL-02
TEST_P(SelectBlock, SL02_NilChannelIsNeverChosen) {
  run([] {
    const goro::chan<int> nil;
    const auto ready = goro::make_chan<int>(1);
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(goro::select(goro::recv(nil), goro::send(nil, 1), goro::otherwise), 2u);
      ASSERT_EQ(goro::select(goro::recv(nil), goro::send(nil, 1), goro::send(ready, 1)), 2u);
      ASSERT_EQ(goro::select(goro::recv(nil), goro::recv(ready), goro::send(nil, 1)), 1u);
    }
  });
}

// SL-02
TEST_P(SelectBlock, SL02_SendAndReceiveOnNilBlock) {
  run_abandoning([] {
    go_for_ever([] { goro::chan<int>().send(7); });
    go_for_ever([] { static_cast<void>(goro::chan<int>().recv()); });
    ASSERT_TRUE(eventually_waiting(1, "chan send (nil chan)"));
    ASSERT_TRUE(eventually_waiting(1, "chan receive (nil chan)"));
    EXPECT_EQ(came_back, 0);
  });
}

// SL-03
TEST_P(SelectBlock, SL03_ReceiveFromAClosedChannelNeverBlocksInAnyForm) {
  run([] {
    const auto ch = goro::make_chan<int>();
    ch.close();
    for (const receive_form& form : receive_forms) EXPECT_EQ(form.receive(ch), std::nullopt) << form.name;

    int x = 5;
    bool ok = true;
    EXPECT_EQ(goro::select(goro::recv(ch, x, ok)), 0u);
    EXPECT_EQ(x, 0);
    EXPECT_FALSE(ok);
    x = 5;
    EXPECT_EQ(goro::select(goro::recv(ch, x), goro::otherwise), 0u);
    EXPECT_EQ(x, 0);
    EXPECT_EQ(goro::select(goro::recv(ch), goro::recv(goro::make_chan<int>())), 0u);
  });
}

// SL-03
TEST_P(SelectBlock, SL03_SendOnAClosedChannelPanicsAlsoAsTheOnlyCase) {
  run([] {
    const auto ch = goro::make_chan<int>();
    ch.close();
    for (const send_form& form : send_forms) {
      EXPECT_EQ(panic_of([&] { form.send(ch, 7); }), "send on closed channel") << form.name;
    }
    EXPECT_EQ(panic_of([&] { goro::select(goro::send(ch, 7)); }), "send on closed channel");
  });
}

// SL-04
TEST_P(SelectBlock, SL04_EmptySelectsBlockForEver) {
  run_abandoning([] {
    go_for_ever([] { goro::select(); });
    go_for_ever([] {
      std::vector<goro::select_case> none;
      goro::select(none);
    });
    ASSERT_TRUE(eventually_waiting(2, "select (no cases)"));
    EXPECT_EQ(came_back, 0);
  });
}

// SL-04
TEST_P(SelectBlock, SL04_SelectsOfNilChannelsOnlyBlockForEver) {
  static std::atomic<int> entered = 0;
  entered = 0;
  run_abandoning([] {
    const auto enter = [](auto f) {
      go_for_ever([f] {
        ++entered;
        f();
      });
    };
    const goro::chan<int> nil;
    enter([=] { goro::select(goro::recv(nil)); });
    enter([=] { goro::select(goro::send(nil, 7)); });
    enter([=] { goro::select(goro::recv(nil), goro::send(nil, 7)); });
    enter([=] {
      std::vector<goro::select_case> cases;
      cases.emplace_back(goro::recv(nil));
      cases.emplace_back(goro::send(nil, 7));
      goro::select(cases);
    });
    ASSERT_TRUE(eventually([] { return entered == 4; }));
    // The reason shown depends on the form: whatever it is, none of them is running or runnable.
    ASSERT_TRUE(eventually([] {
      std::size_t waiting = 0;
      for (const auto& g : goro::debug::goroutines()) waiting += g.reason.empty() ? 0 : 1;
      return waiting == 4;
    }));
    EXPECT_EQ(came_back, 0);
  });
}

// SL-18
TEST_P(SelectBlock, SL18_SelectWithOneCaseEqualsThePlainOperation) {
  run([] {
    const auto ch = goro::make_chan<int>();
    goro::go([=] {
      for (int i = 0; i < 100; ++i) goro::select(goro::send(ch, i));
      ch.close();
    });
    for (int i = 0; i < 100; ++i) {
      std::optional<int> x;
      EXPECT_EQ(goro::select(goro::recv(ch, x)), 0u);
      EXPECT_EQ(x, i);
    }
    EXPECT_EQ(ch.recv(), std::nullopt);
  });
}

// SL-18
TEST_P(SelectBlock, SL18_SelectWithOneCaseWaitsLikeThePlainOperation) {
  run([] {
    const auto ch = goro::make_chan<int>();
    const auto result = goro::make_chan<std::optional<int>>(1);
    goro::go([=] {
      std::optional<int> x;
      goro::select(goro::recv(ch, x));
      result.send(x);
    });
    goro::gosched();
    EXPECT_EQ(result.len(), 0u);
    ch.send(1);
    EXPECT_EQ(result.recv().value(), 1);
  });
}

// SL-08
TEST_P(SelectBlock, SL08_EveryFormOfSendingMeetsEveryFormOfReceivingAndDiscarding) {
  constexpr auto send1 = [](const goro::chan<int>& ch) { ch.send(1); };
  constexpr auto send2 = [](const goro::chan<int>& ch) { goro::select(goro::send(ch, 1)); };
  constexpr auto send3 = [](const goro::chan<int>& ch) {
    goro::select(goro::send(ch, 1), goro::recv(goro::make_chan<int>()));
  };
  constexpr auto recv1 = [](const goro::chan<int>& ch) { static_cast<void>(ch.recv()); };
  constexpr auto recv2 = [](const goro::chan<int>& ch) { goro::select(goro::recv(ch)); };
  constexpr auto recv3 = [](const goro::chan<int>& ch) {
    goro::select(goro::recv(ch), goro::recv(goro::make_chan<int>()));
  };
  using form = void (*)(const goro::chan<int>&);
  run([&] {
    for (const form send : {form(send1), form(send2), form(send3)}) {
      for (const form recv : {form(recv1), form(recv2), form(recv3)}) {
        for (const bool sender_first : {false, true}) {
          const auto ch = goro::make_chan<int>();
          const auto done = goro::make_chan<void>();
          goro::go([=] {
            (sender_first ? send : recv)(ch);
            done.send();
          });
          goro::gosched();
          (sender_first ? recv : send)(ch);
          EXPECT_TRUE(done.recv());
          EXPECT_EQ(goro::select(goro::recv(ch), goro::otherwise), 1u);
        }
      }
    }
  });
}

}  // namespace
