// SPDX-License-Identifier: BSL-1.0
// Goexit unwinds: what runs, what does not see it, and what happens when a panic comes on top.
#include <gmock/gmock.h>

#include <goro/goro.hpp>

#include <atomic>
#include <exception>
#include <stdexcept>
#include <string>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

struct PanicGoexit : on_procs {
  static child_result run_here(const std::string& child) {
    return run_child(child, {}, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
  }
};
GORO_ON_PROCS(PanicGoexit);

TEST_P(PanicGoexit, PD05_RunsDeferredCodeAndNoHandlerSeesAnException) {
  run([] {
    auto ran = goro::make_chan<int>();
    std::atomic<bool> caught{false};
    goro::go([&] {
      goro::defer report{[&] { ran << 1; }};
      try {
        goro::goexit();
      } catch (const std::exception&) {
        caught = true;
      }
      caught = true;
    });
    EXPECT_EQ(ran.recv(), 1);
    EXPECT_FALSE(caught);
  });
}

TEST_P(PanicGoexit, PD05_ACatchAllThatRethrowsLetsItThroughWithoutAUserException) {
  run([] {
    auto passed = goro::make_chan<bool>();
    goro::go([&] {
      goro::defer report{[&] { passed << true; }};
      try {
        goro::goexit();
      } catch (...) {
        try {
          throw;
        } catch (const std::exception&) {
          ADD_FAILURE() << "goexit is a std::exception";
        } catch (...) {
        }
        throw;
      }
    });
    EXPECT_EQ(passed.recv(), true);
  });
}

GORO_CHILD(throw_in_a_defer_of_goexit) {
  return goro::run([] {
    auto never = goro::make_chan<void>();
    goro::go([=] {
      goro::defer deferred{[] { throw goro::panic("hello"); }};
      goro::goexit();
    });
    never.recv();
  });
}

TEST_P(PanicGoexit, PD10_APanicInCodeDeferredOverGoexitStillKills) {
  const auto child = run_here("throw_in_a_defer_of_goexit");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, HasSubstr("panic: hello\n"));
}

TEST_P(PanicGoexit, PD21_AHundredGoroutinesEndByGoexit) {
  run([] {
    std::atomic<int> unwound{0}, went_on{0};
    goro::wait_group wg;
    for (int i = 0; i < 100; ++i) {
      wg.go([&] {
        goro::defer count{[&] { ++unwound; }};
        goro::goexit();
        ++went_on;
      });
    }
    wg.wait();
    EXPECT_EQ(unwound, 100);
    EXPECT_EQ(went_on, 0);
  });
}

void recover_then_goexit(goro::send_chan<void> done) {
  goro::defer report{[&] { done.send(); }};
  try {
    throw goro::panic("recovered first");
  } catch (const goro::panic&) {
    goro::goexit();
  }
}

TEST_P(PanicGoexit, PD22_GoexitAfterRecoverInTheSameHandlerEndsOnlyThatGoroutine) {
  run([] {
    for (int i = 0; i < 10; ++i) {
      auto done = goro::make_chan<void>();
      goro::go(recover_then_goexit, done);
      EXPECT_TRUE(done.recv());
      EXPECT_EQ(std::uncaught_exceptions(), 0);
      EXPECT_EQ(std::current_exception(), nullptr);
    }
  });
}

GORO_CHILD(panic_after_recover_then_goexit) {
  return goro::run([] {
    auto done = goro::make_chan<void>();
    goro::go(recover_then_goexit, done);
    done.recv();
    throw goro::panic("second");
  });
}

TEST_P(PanicGoexit, PD22_ItLeavesNoResidueInTheNextPanic) {
  const auto child = run_here("panic_after_recover_then_goexit");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("panic: second\n\ngoroutine 1 [running]:\n"));
  EXPECT_THAT(child.err, Not(HasSubstr("recovered first")));
}

struct frame_variables {
  int by_guard = 1;
  std::string text = "before";
};

void change_in_deferred_code(frame_variables& seen, bool by_goexit) {
  frame_variables here;
  goro::defer copy_out{[&] { seen = here; }};
  goro::defer change{[&] {
    here.by_guard = 2;
    here.text = "changed while unwinding";
  }};
  if (by_goexit) goro::goexit();
  throw std::runtime_error("unwind");
}

TEST_P(PanicGoexit, PD23_DeferredCodeChangesTheFramesVariablesOnGoexit) {
  run([] {
    frame_variables seen;
    goro::wait_group wg;
    wg.go([&] { change_in_deferred_code(seen, true); });
    wg.wait();
    EXPECT_EQ(seen.by_guard, 2);
    EXPECT_EQ(seen.text, "changed while unwinding");
  });
}

TEST_P(PanicGoexit, PD23_DeferredCodeChangesTheFramesVariablesOnPanic) {
  run([] {
    frame_variables seen;
    goro::wait_group wg;
    wg.go([&] { EXPECT_THROW(change_in_deferred_code(seen, false), std::runtime_error); });
    wg.wait();
    EXPECT_EQ(seen.by_guard, 2);
    EXPECT_EQ(seen.text, "changed while unwinding");
  });
}

}  // namespace
