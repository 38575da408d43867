// SPDX-License-Identifier: BSL-1.0
// len, cap, and when a channel is empty or full.
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using ChanCapacity = on_procs;
GORO_ON_PROCS(ChanCapacity);

constexpr const char* out_of_range = "makechan: size out of range";

// CH-11
TEST_P(ChanCapacity, CH11_LenAndCapOfBufferedAndUnbufferedChannels) {
  run([] {
    const auto buffered = goro::make_chan<int>(10);
    EXPECT_EQ(buffered.len(), 0u);
    EXPECT_EQ(buffered.cap(), 10u);
    for (int i = 0; i < 3; ++i) buffered.send(i);
    EXPECT_EQ(buffered.len(), 3u);
    EXPECT_EQ(buffered.cap(), 10u);

    const auto unbuffered = goro::make_chan<int>();
    EXPECT_EQ(unbuffered.len(), 0u);
    EXPECT_EQ(unbuffered.cap(), 0u);
  });
}

// CH-11
TEST_P(ChanCapacity, CH11_SizeThatIsNegativeOrHugePanics) {
  run([] {
    for (const std::ptrdiff_t size :
         {std::ptrdiff_t{-1}, std::numeric_limits<std::ptrdiff_t>::min(), std::ptrdiff_t{1} << 59,
          std::ptrdiff_t{1} << 62, std::numeric_limits<std::ptrdiff_t>::max()}) {
      EXPECT_EQ(panic_of([=] { return goro::make_chan<int>(size); }), out_of_range) << size;
      EXPECT_EQ(panic_of([=] { return goro::make_chan<std::byte>(size); }), out_of_range) << size;
    }
  });
}

// CH-23
TEST_P(ChanCapacity, CH23_SizeWhoseProductWithTheElementOverflowsPanics) {
  run([] {
    using block = std::array<std::byte, 1 << 16>;
    EXPECT_EQ(panic_of([] { return goro::make_chan<block>(-1); }), out_of_range);
    EXPECT_EQ(panic_of([] { return goro::make_chan<block>(std::ptrdiff_t{1} << 47); }), out_of_range);
    EXPECT_EQ(panic_of([] { return goro::make_chan<block>(std::ptrdiff_t{1} << 48); }), out_of_range);
    EXPECT_EQ(panic_of([] { return goro::make_chan<block>((std::ptrdiff_t{1} << 48) + 1); }), out_of_range);
    EXPECT_EQ(panic_of([] { return goro::make_chan<block>(std::numeric_limits<std::ptrdiff_t>::max()); }),
              out_of_range);
  });
}

// CH-29
TEST_P(ChanCapacity, CH29_ReceiveFromEmptyBlocks) {
  run([] {
    for (int capacity = 0; capacity < scale(200, 20); ++capacity) {
      const auto ch = goro::make_chan<int>(capacity);
      std::atomic<int> received = 0;
      int x = 0;
      EXPECT_EQ(ch.try_recv(x), goro::recv_status::empty);
      EXPECT_EQ(goro::select(goro::recv(ch), goro::otherwise), 1u);

      for (int form = 0; form < 2; ++form) {
        goro::go([&, form] {
          if (form == 0) {
            static_cast<void>(ch.recv());
          } else {
            int v = 0;
            static_cast<void>(ch >> v);
          }
          ++received;
        });
      }
      ASSERT_TRUE(eventually_waiting(2, "chan receive"));
      EXPECT_EQ(received, 0) << "capacity " << capacity;
      ch.send(0);
      ch.send(0);
      ASSERT_TRUE(eventually([&] { return received == 2; }));
    }
  });
}

// CH-29
TEST_P(ChanCapacity, CH29_SendToFullBlocks) {
  run([] {
    for (int capacity = 0; capacity < scale(200, 20); ++capacity) {
      const auto ch = goro::make_chan<int>(capacity);
      for (int i = 0; i < capacity; ++i) ch.send(i);
      EXPECT_FALSE(ch.try_send(0));
      EXPECT_EQ(goro::select(goro::send(ch, 0), goro::otherwise), 1u);
      EXPECT_EQ(ch.len(), static_cast<std::size_t>(capacity));

      std::atomic<bool> sent = false;
      goro::go([&] {
        ch.send(capacity);
        sent = true;
      });
      ASSERT_TRUE(eventually_waiting(1, "chan send"));
      EXPECT_FALSE(sent) << "capacity " << capacity;
      EXPECT_EQ(ch.len(), static_cast<std::size_t>(capacity));  // a blocked sender's value does not count
      for (int i = 0; i <= capacity; ++i) ASSERT_EQ(ch.recv(), i);
      ASSERT_TRUE(eventually([&] { return sent.load(); }));
    }
  });
}

// CH-32
TEST_P(ChanCapacity, CH32_LenFollowsTheBufferAndCapStays) {
  run([] {
    for (int capacity = 0; capacity < scale(200, 20); ++capacity) {
      const auto size = static_cast<std::size_t>(capacity);
      const auto ch = goro::make_chan<int>(capacity);
      EXPECT_EQ(ch.len(), 0u);
      EXPECT_EQ(ch.cap(), size);
      for (int i = 0; i < capacity; ++i) ch.send(i);
      EXPECT_EQ(ch.len(), size);
      EXPECT_EQ(ch.cap(), size);
      ch.close();
      EXPECT_EQ(ch.len(), size);
      while (ch.recv().has_value()) {
      }
      EXPECT_EQ(ch.len(), 0u);
      EXPECT_EQ(ch.cap(), size);
    }
  });
}

}  // namespace
