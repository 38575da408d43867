// SPDX-License-Identifier: BSL-1.0
// When everybody is asleep, and when it only looks so. Each body runs in a child process.
#include <gmock/gmock.h>

#include <goro/goro.hpp>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <future>
#include <mutex>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* all_asleep = "fatal error: all goroutines are asleep - deadlock!\n";
constexpr const char* no_goroutines = "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n";

struct PanicDeadlock : testing::TestWithParam<int> {
  static child_result run_here(const std::string& child) {
    return run_child(child, {}, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
  }
};
GORO_ON_PROCS(PanicDeadlock);

int occurrences(const std::string& text, const std::string& what) {
  int n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

GORO_CHILD(select_without_cases) {
  return goro::run([] { goro::select(); });
}

TEST_P(PanicDeadlock, PD01_ASelectWithoutCasesAloneIsADeadlock) {
  const auto child = run_here("select_without_cases");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith(std::string(all_asleep) + "\ngoroutine 1 [select (no cases)]:\n"));
}

GORO_CHILD(select_without_cases_on_a_plain_thread) { goro::select(); }

TEST_P(PanicDeadlock, PD01_SoItIsOnAPlainMainThread) {
  const auto child = run_here("select_without_cases_on_a_plain_thread");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith(all_asleep));
}

GORO_CHILD(goexit_in_main_with_short_goroutines) {
  return goro::run([] {
    const auto short_one = [] {
      for (int i = 0; i < 10; ++i) goro::gosched();
    };
    goro::go(short_one);
    goro::go(short_one);
    goro::goexit();
  });
}

TEST_P(PanicDeadlock, PD03_MainLeavingByGoexitIsReportedWhenTheOthersHaveEnded) {
  const auto child = run_here("goexit_in_main_with_short_goroutines");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith(no_goroutines));
}

GORO_CHILD(goexit_in_main_with_a_sleeper) {
  return goro::run([] {
    goro::go([] { goro::sleep(20ms); });
    for (volatile int i = 0; i < 1000;) i = i + 1;
    goro::goexit();
  });
}

TEST_P(PanicDeadlock, PD04_SoItIsWithASleepingGoroutineFirst) {
  const auto child = run_here("goexit_in_main_with_a_sleeper");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith(no_goroutines));
}

GORO_CHILD(park_one_goroutine_on_each) {
  return goro::run([] {
    auto unbuffered = goro::make_chan<int>();
    auto for_select = goro::make_chan<int>();
    auto for_send = goro::make_chan<int>();
    goro::chan<int> nil;
    goro::mutex locked;
    locked.lock();

    goro::go([=] { (void)unbuffered.recv(); });
    goro::go([=] { for_send << 1; });
    goro::go([=] { goro::select(goro::recv(for_select), goro::send(for_select, 1)); });
    goro::go([] { goro::select(); });
    goro::go([=] { (void)nil.recv(); });
    goro::go([=] { nil << 1; });
    goro::go([&] { std::lock_guard lock(locked); });

    goro::wait_group never_done;
    never_done.add();
    never_done.wait();
  });
}

std::vector<std::string> reasons_in(const std::string& report) {
  std::vector<std::string> reasons;
  std::istringstream lines(report);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("goroutine ")) continue;
    const auto from = line.find('[') + 1;
    reasons.push_back(line.substr(from, line.rfind(']') - from));
  }
  return reasons;
}

TEST_P(PanicDeadlock, PD27_TheReportNamesEveryReasonOnceMainFirst) {
  const auto child = run_here("park_one_goroutine_on_each");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith(std::string(all_asleep) + "\ngoroutine 1 [sync.WaitGroup.Wait]:\n"));
  EXPECT_THAT(
      reasons_in(child.err),
      testing::UnorderedElementsAre("sync.WaitGroup.Wait", "chan receive", "chan send", "select", "select (no cases)",
                                    "chan receive (nil chan)", "chan send (nil chan)", "sync.Mutex.Lock"));
  EXPECT_EQ(occurrences(child.err, "created by "), 7);
}

GORO_CHILD(dump_while_one_sleeps) {
  return goro::run([] {
    goro::go([] { goro::sleep(1h); });
    goro::sleep(10ms);
    raise(SIGQUIT);
    goro::select();
  });
}

TEST_P(PanicDeadlock, PD27_ASleeperIsNoDeadlockAndADumpNamesIt) {
  const auto child = run_here("dump_while_one_sleeps");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(reasons_in(child.err), testing::Contains("sleep"));
}

GORO_CHILD(nap_while_a_thread_waits) {
  const auto ch = goro::make_chan<int>();
  std::jthread waiting([=] { static_cast<void>(ch.recv()); });
  for (int i = 0; i < 4000; ++i) goro::sleep(20us);
  ch.close();
  return 0;
}

// The thread that falls asleep is at no instant one that waits without a timer. Rare, so several try at once.
TEST(PanicDeadlockOfThreads, PD27_AThreadThatFallsAsleepIsNoDeadlock) {
  std::vector<std::future<child_result>> children;
  for (int i = 0; i < 8; ++i)
    children.push_back(std::async(std::launch::async, [] { return run_child("nap_while_a_thread_waits"); }));
  for (auto& child : children) {
    const child_result ended = child.get();
    EXPECT_EQ(ended.err, "");
    EXPECT_EQ(ended.exit_status, 0);
  }
}

GORO_CHILD(wait_for_after_func) {
  return goro::run([] {
    auto ch = goro::make_chan<int>();
    goro::after_func(200ms, [=] { ch.close(); });
    const bool open = ch.recv().has_value();
    std::printf("open %d\n", open);
    return 0;
  });
}

TEST_P(PanicDeadlock, PD28_APendingAfterFuncIsNoDeadlock) {
  const auto child = run_here("wait_for_after_func");
  EXPECT_EQ(child.exit_status, 0);
  EXPECT_EQ(child.err, "");
  EXPECT_EQ(child.out, "open 0\n");
}

}  // namespace
