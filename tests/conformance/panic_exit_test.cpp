// SPDX-License-Identifier: BSL-1.0
// How a process ends: dumps on SIGQUIT, signals, main returning, an explicit exit.
#include <gmock/gmock.h>

#include <goro/debug.hpp>
#include <goro/goro.hpp>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <string>

#include <unistd.h>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct PanicExit : on_procs {
  static child_result run_here(const std::string& child) {
    return run_child(child, {}, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
  }
};
GORO_ON_PROCS(PanicExit);

int occurrences(const std::string& text, const std::string& what) {
  int n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

constexpr int spinners = 4;

[[noreturn]] void spin_for_ever(std::atomic<int>& spinning) {
  ++spinning;
  while (spinning >= 0) {
  }
  std::abort();
}

GORO_CHILD(sigquit_while_spinning) {
  return goro::run([] {
    std::atomic<int> spinning{0};
    for (int i = 0; i < spinners; ++i) goro::go({.name = "spinner"}, [&] { spin_for_ever(spinning); });
    while (spinning != spinners) goro::gosched();
    kill(getpid(), SIGQUIT);
    goro::select();
  });
}

TEST_P(PanicExit, PD19_SigquitDumpsEverySpinningGoroutineAndEndsWithTwo) {
  const auto child = run_here("sigquit_while_spinning");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("SIGQUIT"));
  EXPECT_EQ(occurrences("\n" + child.err, "\ngoroutine "), spinners + 1) << child.err;
  EXPECT_EQ(occurrences(child.err, "\ncreated by "), spinners) << child.err;
}

GORO_CHILD(killed_by_sigterm) {
  return goro::run([] {
    auto never = goro::make_chan<void>();
    goro::go([=] { never.recv(); });
    raise(SIGTERM);
    never.recv();
  });
}

TEST_P(PanicExit, PD20_AProcessKilledByASignalItDidNotHandleReportsThatSignal) {
  const auto child = run_here("killed_by_sigterm");
  EXPECT_EQ(child.signal, SIGTERM);
  EXPECT_EQ(child.err, "");
}

TEST_P(PanicExit, PD26_AFullDumpNamesTheOtherGoroutines) {
  run([] {
    auto gate = goro::make_chan<void>();
    goro::wait_group parked, started;
    started.add(2);
    for (const char* name : {"reader", "writer"}) {
      parked.add();
      goro::go({.name = name}, [&, gate] {
        started.done();
        gate.recv();
        parked.done();
      });
    }
    started.wait();
    std::ostringstream dump;
    goro::debug::dump(dump);
    gate.close();
    parked.wait();

    EXPECT_THAT(dump.str(), StartsWith("goroutine 1 [running]:\n"));
    EXPECT_EQ(occurrences("\n" + dump.str(), "\ngoroutine "), 3);
    EXPECT_THAT(dump.str(), HasSubstr("reader"));
    EXPECT_THAT(dump.str(), HasSubstr("writer"));
  });
}

struct says_goodbye {
  const char* who;
  ~says_goodbye() {
    std::printf("%s unwound\n", who);
    std::fflush(stdout);
  }
};

GORO_CHILD(return_from_main_beside_others) {
  const int status = goro::run([] {
    static std::atomic<int> running{0};  // not on this stack: one goroutine looks at it for ever
    goro::go([] {
      says_goodbye guard{"blocked"};
      ++running;
      goro::select();
    });
    goro::go([] {
      says_goodbye guard{"spinning"};
      spin_for_ever(running);
    });
    while (running != 2) goro::gosched();
  });
  std::printf("run returned, %zu goroutines\n", goro::num_goroutine());
  return status;
}

TEST_P(PanicExit, PD29_WhenMainReturnsTheOthersAreGoneAndNoneOfThemUnwinds) {
  const auto child = run_here("return_from_main_beside_others");
  EXPECT_EQ(child.exit_status, 0) << child.err;
  EXPECT_EQ(child.signal, 0);
  EXPECT_EQ(child.err, "");
  EXPECT_EQ(child.out, "run returned, 0 goroutines\n");
}

GORO_CHILD(exit_with_three) {
  return goro::run([] {
    says_goodbye main_guard{"main"};
    goro::go([] {
      says_goodbye guard{"other"};
      std::exit(3);
    });
    goro::select();
  });
}

TEST_P(PanicExit, PD29_AnExplicitExitEndsTheProcessWithItsStatusAndRunsNoDeferredCode) {
  const auto child = run_here("exit_with_three");
  EXPECT_EQ(child.exit_status, 3) << child.err;
  EXPECT_EQ(child.out, "");
}

}  // namespace
