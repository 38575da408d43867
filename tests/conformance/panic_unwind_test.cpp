// SPDX-License-Identifier: BSL-1.0
// Panics that are caught: their type, deep stacks, one panic in place of another.
#include <goro/goro.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "goro_test.hpp"

namespace {

struct PanicUnwind : on_procs {};
GORO_ON_PROCS(PanicUnwind);

template <class F>
void expect_panic(F f, const std::string& text) {
  bool is_the_common_kind = false;
  try {
    f();
  } catch (const std::runtime_error& e) {
    is_the_common_kind = dynamic_cast<const goro::panic*>(&e) != nullptr;
    EXPECT_EQ(e.what(), text);
  }
  EXPECT_TRUE(is_the_common_kind) << text;
}

TEST_P(PanicUnwind, PD09_AllRunTimePanicsAreOfOneTypeWithGosText) {
  run([] {
    expect_panic(
        [] {
          auto ch = goro::make_chan<int>();
          ch.close();
          ch.close();
        },
        "close of closed channel");
    expect_panic(
        [] {
          auto ch = goro::make_chan<int>();
          ch.close();
          ch << 1;
        },
        "send on closed channel");
    volatile std::ptrdiff_t negative = -1;
    expect_panic([&] { (void)goro::make_chan<int>(negative); }, "makechan: size out of range");
    expect_panic([] { goro::chan<int>().close(); }, "close of nil channel");
    expect_panic([] { goro::wait_group().done(); }, "sync: negative WaitGroup counter");
  });
}

[[gnu::noinline]] int use_much_stack(int depth) {
  std::array<volatile int, 64> frame;
  for (std::size_t i = 0; i < frame.size(); ++i) frame[i] = depth;
  return depth == 0 ? frame[0] : use_much_stack(depth - 1) + frame[63] - depth + 1;
}

[[gnu::noinline]] int fall(int depth, int& guards, int stack_in_guard) {
  goro::defer guard{[&] {
    ++guards;
    if (stack_in_guard > 0) {
      EXPECT_EQ(use_much_stack(stack_in_guard), stack_in_guard);
    }
  }};
  if (depth == 0) throw goro::panic("far below");
  return fall(depth - 1, guards, 0) + 1;
}

constexpr goro::go_options big_stack{.name = "deep", .stack_size = std::size_t{32} << 20};

TEST_P(PanicUnwind, PD24_APanicFromDeepRecursionUnwindsEveryFrame) {
  run([] {
    auto guards_run = goro::make_chan<int>();
    goro::go(big_stack, [=] {
      int guards = 0;
      EXPECT_THROW(fall(3000, guards, 0), goro::panic);
      guards_run << guards;
    });
    EXPECT_EQ(guards_run.recv(), 3001);
  });
}

TEST_P(PanicUnwind, PD24_DeferredCodeMayUseMuchStackWhileUnwinding) {
  run([] {
    auto guards_run = goro::make_chan<int>();
    goro::go(big_stack, [=] {
      int guards = 0;
      EXPECT_THROW(fall(100, guards, 5000), goro::panic);
      guards_run << guards;
    });
    EXPECT_EQ(guards_run.recv(), 101);
  });
}

TEST_P(PanicUnwind, PD25_APanicRaisedWhileHandlingAnotherTakesItsPlace) {
  run([] {
    std::string caught;
    try {
      try {
        throw goro::panic("panic 1");
      } catch (const goro::panic&) {
        throw goro::panic("panic 2");
      }
    } catch (const goro::panic& p) {
      caught = p.what();
    }
    EXPECT_EQ(caught, "panic 2");
    EXPECT_EQ(std::current_exception(), nullptr);
  });
}

void repanic(int times) {
  try {
    if (times == 0) throw goro::panic("0");
    repanic(times - 1);
  } catch (const goro::panic& p) {
    throw goro::panic(std::to_string(std::stoi(p.what()) + 1));
  }
}

TEST_P(PanicUnwind, PD25_TenRepeatedRepanicsArriveAsTheLast) {
  run([] {
    expect_panic([] { repanic(9); }, "10");
    EXPECT_EQ(std::uncaught_exceptions(), 0);
  });
}

TEST_P(PanicUnwind, R9_AnExceptionBeingHandledMovesWithItsGoroutine) {
  run([] {
    goro::wait_group wg;
    for (int i = 0; i < 50; ++i) {
      wg.go([i] {
        try {
          throw goro::panic(std::to_string(i));
        } catch (const goro::panic& p) {
          for (int turn = 0; turn < 20; ++turn) {
            goro::gosched();
            try {
              throw std::runtime_error("inner");
            } catch (const std::runtime_error&) {
              goro::gosched();
            }
          }
          EXPECT_EQ(p.what(), std::to_string(i));
          EXPECT_THROW(throw, goro::panic);
        }
      });
    }
    wg.wait();
  });
}

}  // namespace
