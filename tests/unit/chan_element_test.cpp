// SPDX-License-Identifier: BSL-1.0
// What a channel does with its elements: it moves them, never copies them, and destroys each exactly once.
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"
#include "tracked.hpp"

namespace {

class ChanElement : public on_procs {
 protected:
  void SetUp() override { tracked::reset(); }
  void TearDown() override {
    EXPECT_EQ(tracked::alive, 0) << "elements left or destroyed twice";
    on_procs::TearDown();
  }
};
GORO_ON_PROCS(ChanElement);

TEST_P(ChanElement, BufferedLeftoversAreDestroyedOnceWithTheLastHandle) {
  run([] {
    auto ch = goro::make_chan<tracked>(5);
    for (int i = 0; i < 3; ++i) ch.send(tracked(i));
    EXPECT_EQ(tracked::alive, 3);
    auto copy = ch;
    ch = {};
    EXPECT_EQ(tracked::alive, 3);
    copy = {};
    EXPECT_EQ(tracked::alive, 0);
  });
}

TEST_P(ChanElement, LeftoversThatWrapAroundTheBufferAreDestroyedOnce) {
  run([] {
    const auto ch = goro::make_chan<tracked>(3);
    for (int i = 0; i < 3; ++i) ch.send(tracked(i));
    EXPECT_EQ(ch.recv()->value, 0);
    EXPECT_EQ(ch.recv()->value, 1);
    ch.send(tracked(3));
    EXPECT_EQ(tracked::alive, 2);
  });
}

TEST_P(ChanElement, SlotHoldsNothingOnceItsValueIsReceived) {
  run([] {
    const auto ch = goro::make_chan<std::shared_ptr<int>>(2);
    const auto value = std::make_shared<int>(1);
    ch.send(value);
    EXPECT_EQ(value.use_count(), 2);
    ch.recv().reset();
    EXPECT_EQ(value.use_count(), 1);
  });
}

TEST_P(ChanElement, RvalueIsNeverCopiedOnItsWay) {
  run([] {
    for (std::ptrdiff_t capacity : {0, 1, 4}) {
      const auto ch = goro::make_chan<tracked>(capacity);
      goro::go([=] {
        for (int i = 0; i < 10; ++i) ch.send(tracked(i));
        ch.close();
      });
      int expected = 0;
      for (auto&& v : ch) EXPECT_EQ(v.value, expected++);
      EXPECT_EQ(expected, 10);
    }
    EXPECT_EQ(tracked::copies, 0);
  });
}

TEST_P(ChanElement, LvalueIsCopiedOnceAndStaysAsItWas) {
  run([] {
    const auto ch = goro::make_chan<tracked>(2);
    const tracked value(7);
    ch.send(value);
    ch << value;
    EXPECT_EQ(tracked::copies, 2);
    EXPECT_EQ(value.value, 7);
    EXPECT_EQ(ch.recv()->value, 7);
    EXPECT_EQ(ch.recv()->value, 7);
    EXPECT_EQ(tracked::copies, 2);
  });
}

TEST_P(ChanElement, CopyThatThrowsWhileSendingLeavesTheChannelUntouched) {
  run([] {
    const auto ch = goro::make_chan<tracked>(2);
    const tracked value(2);
    ch.send(tracked(1));
    tracked::copies_throw = true;
    EXPECT_THROW(ch.send(value), std::runtime_error);
    EXPECT_THROW(ch << value, std::runtime_error);
    EXPECT_THROW(static_cast<void>(ch.try_send(value)), std::runtime_error);
    EXPECT_THROW(goro::select(goro::send(ch, value)), std::runtime_error);
    tracked::copies_throw = false;
    EXPECT_EQ(ch.len(), 1u);
    EXPECT_EQ(ch.recv()->value, 1);
    ch.send(value);
    EXPECT_EQ(ch.recv()->value, 2);
  });
}

TEST_P(ChanElement, CopyThatThrowsLeavesAWaitingReceiverWaiting) {
  run([] {
    const auto ch = goro::make_chan<tracked>();
    const auto result = goro::make_chan<int>();
    goro::go([=] { result.send(ch.recv()->value); });
    ASSERT_TRUE(eventually_waiting(1, "chan receive"));
    const tracked value(3);
    tracked::copies_throw = true;
    EXPECT_THROW(ch.send(value), std::runtime_error);
    tracked::copies_throw = false;
    ch.send(tracked(4));
    EXPECT_EQ(result.recv(), 4);
  });
}

TEST_P(ChanElement, RvalueThatIsNotAcceptedStaysWithTheSender) {
  run([] {
    const auto full = goro::make_chan<std::unique_ptr<int>>(1);
    full.send(nullptr);
    auto value = std::make_unique<int>(5);
    EXPECT_FALSE(full.try_send(std::move(value)));
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(goro::select(goro::send(full, std::move(value)), goro::otherwise), 1u);
    ASSERT_NE(value, nullptr);

    const auto closed = goro::make_chan<std::unique_ptr<int>>(1);
    closed.close();
    EXPECT_EQ(panic_of([&] { closed.send(std::move(value)); }), "send on closed channel");
    ASSERT_NE(value, nullptr);
    EXPECT_EQ(panic_of([&] { return closed.try_send(std::move(value)); }), "send on closed channel");
    EXPECT_EQ(*value, 5);
  });
}

TEST_P(ChanElement, CloseLeavesTheValueOfABlockedSenderWithIt) {
  run([] {
    const auto ch = goro::make_chan<std::unique_ptr<int>>();
    const auto kept = goro::make_chan<bool>();
    goro::go([=] {
      auto value = std::make_unique<int>(5);
      EXPECT_EQ(panic_of([&] { ch.send(std::move(value)); }), "send on closed channel");
      kept.send(value != nullptr && *value == 5);
    });
    ASSERT_TRUE(eventually_waiting(1, "chan send"));
    ch.close();
    EXPECT_EQ(kept.recv(), true);
  });
}

TEST_P(ChanElement, MoveOnlyTypesGoThroughEveryOperation) {
  run([] {
    using pointer = std::unique_ptr<int>;
    const auto ch = goro::make_chan<pointer>(4);
    ch.send(std::make_unique<int>(1));
    ch << std::make_unique<int>(2) << std::make_unique<int>(3);
    EXPECT_TRUE(ch.try_send(std::make_unique<int>(4)));
    EXPECT_EQ(**ch.recv(), 1);
    pointer p;
    EXPECT_TRUE(ch >> p);
    EXPECT_EQ(*p, 2);
    EXPECT_EQ(ch.try_recv(p), goro::recv_status::ok);
    EXPECT_EQ(*p, 3);
    ch.close();
    for (auto v : ch) EXPECT_EQ(*v, 4);
    EXPECT_FALSE(ch >> p);
    EXPECT_EQ(p, nullptr);
  });
}

struct no_default {
  explicit no_default(int n) : value(n) {}
  int value;
};

TEST_P(ChanElement, TypeWithoutDefaultConstructorCanBeReceived) {
  run([] {
    const auto ch = goro::make_chan<no_default>(2);
    ch.send(no_default(1));
    ch.send(no_default(2));
    ch.close();
    EXPECT_EQ(ch.recv()->value, 1);
    for (auto v : ch) EXPECT_EQ(v.value, 2);
    EXPECT_FALSE(ch.recv().has_value());
    std::optional<no_default> x(no_default(3));
    EXPECT_EQ(goro::select(goro::recv(ch, x)), 0u);
    EXPECT_FALSE(x.has_value());
  });
}

template <std::size_t Alignment>
struct alignas(Alignment) aligned {
  int value = 0;
  [[nodiscard]] bool well_placed() const { return reinterpret_cast<std::uintptr_t>(this) % Alignment == 0; }
};

template <std::size_t Alignment>
void over_aligned_values_arrive() {
  using element = aligned<Alignment>;
  struct checked : element {
    explicit checked(int v) : element{v} { EXPECT_TRUE(this->well_placed()); }
    checked(checked&& other) noexcept : element(other) { misplaced += this->well_placed() ? 0 : 1; }
    int misplaced = 0;
  };
  for (std::ptrdiff_t capacity : {0, 1, 3}) {
    const auto ch = goro::make_chan<checked>(capacity);
    goro::go([=] {
      for (int i = 0; i < 5; ++i) ch.send(checked(i));
      ch.close();
    });
    int expected = 0;
    for (auto&& v : ch) {
      EXPECT_EQ(v.value, expected++);
      EXPECT_EQ(v.misplaced, 0);
      EXPECT_TRUE(v.well_placed());
    }
    EXPECT_EQ(expected, 5);
  }
  const auto plain = goro::make_chan<element>(2);
  plain.send(element{1});
  const auto got = plain.recv();
  EXPECT_TRUE(got->well_placed());
  EXPECT_EQ(got->value, 1);
}

TEST_P(ChanElement, OverAlignedValuesAreWellPlacedEverywhere) {
  run([] {
    over_aligned_values_arrive<32>();
    over_aligned_values_arrive<64>();
    over_aligned_values_arrive<256>();
    over_aligned_values_arrive<4096>();
  });
}

TEST_P(ChanElement, LargeValuesArriveWhole) {
  run([] {
    const auto direct = goro::make_chan<std::array<int, 2000>>(2);
    std::array<int, 2000> values{};
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<int>(i);
    goro::go([=] {
      for (int i = 0; i < 5; ++i) direct.send(values);
      direct.close();
    });
    int n = 0;
    for (const auto& v : direct) {
      EXPECT_TRUE(v == values);
      ++n;
    }
    EXPECT_EQ(n, 5);
  });
}

TEST_P(ChanElement, DestructorsOfLeftoversMayUseOtherChannels) {
  run([] {
    const auto log = goro::make_chan<int>(3);
    struct reporter {
      goro::send_chan<int> to;
      int number;
      reporter(goro::send_chan<int> log, int n) : to(std::move(log)), number(n) {}
      reporter(reporter&&) noexcept = default;
      ~reporter() {
        if (to) to.send(number);
      }
    };
    {
      const auto ch = goro::make_chan<reporter>(3);
      for (int i = 0; i < 3; ++i) ch.send(reporter(log, i));
    }
    EXPECT_EQ(log.len(), 3u);
    for (int i = 0; i < 3; ++i) EXPECT_EQ(log.recv(), i);
  });
}

TEST_P(ChanElement, DroppingALongChainOfChannelsInChannelsFreesAll) {
  run([] {
    struct link {
      goro::chan<link> next;
    };
    goro::chan<link> head;
    for (int i = 0; i < 1000; ++i) {
      const auto ch = goro::make_chan<link>(1);
      ch.send(link{std::move(head)});
      head = ch;
    }
  });
}

}  // namespace
