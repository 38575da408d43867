// SPDX-License-Identifier: BSL-1.0
#include <atomic>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using ChanNil = on_procs;
GORO_ON_PROCS(ChanNil);

std::atomic<int> came_back = 0;  // static: the goroutines below never end

// CH-14
TEST_P(ChanNil, CH14_SendAndReceiveBlockForEver) {
  run_abandoning([] {
    goro::go([] {
      goro::chan<int>().send(1);
      ++came_back;
    });
    goro::go([] {
      static_cast<void>(goro::chan<int>().recv());
      ++came_back;
    });
    goro::go([] {
      int x = 0;
      static_cast<void>(goro::chan<int>() >> x);
      ++came_back;
    });
    goro::go([] {
      for (int v : goro::chan<int>()) came_back += v + 1;
      ++came_back;
    });
    ASSERT_TRUE(eventually_waiting(1, "chan send (nil chan)"));
    ASSERT_TRUE(eventually_waiting(3, "chan receive (nil chan)"));
    for (int i = 0; i < 100; ++i) goro::gosched();
    EXPECT_EQ(came_back, 0);
  });
}

// CH-14
TEST_P(ChanNil, CH14_AttemptsRefuseAndLenAndCapAreZero) {
  run([] {
    const goro::chan<int> nil;
    EXPECT_FALSE(nil);
    EXPECT_EQ(nil.len(), 0u);
    EXPECT_EQ(nil.cap(), 0u);
    int x = 5;
    EXPECT_EQ(nil.try_recv(x), goro::recv_status::empty);
    EXPECT_EQ(x, 5);
    EXPECT_FALSE(nil.try_send(1));
    EXPECT_EQ(goro::select(goro::recv(nil, x), goro::send(nil, 1), goro::otherwise), 2u);
    EXPECT_EQ(x, 5);
  });
}

}  // namespace
