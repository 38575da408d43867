// SPDX-License-Identifier: BSL-1.0
// SIGQUIT: a dump of every goroutine, from whatever state, and exit status 2.
#include <goro/goro.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <unistd.h>

#include "last_words.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

struct Dump : misuse_on_procs {};
GORO_ON_PROCS(Dump);

GORO_CHILD(quit_while_busy) {
  return goro::run([] {
    auto data = goro::make_chan<int>();
    std::atomic<bool> never{false};
    goro::go({.name = "producer"}, [=] {
      for (int i = 0;; ++i) data << i;
    });
    goro::go({.name = "consumer"}, [=] {
      for (int i : data) (void)i;
    });
    goro::go({.name = "hog"}, [&] {
      while (!never) {
      }
    });
    goro::go({.name = "spawner"}, [] {
      for (;;) {
        goro::go([] {});
        goro::gosched();
      }
    });
    goro::sleep(50ms);
    kill(getpid(), SIGQUIT);
    goro::select();
  });
}

TEST_P(Dump, OnSigquitShowsEveryGoroutineOfABusyProcess) {
  const auto child = run_here("quit_while_busy");
  expect_last_words(child, "SIGQUIT");
  EXPECT_THAT(child.err, HasSubstr("\ngoroutine 1 ["));
  for (const char* name : {"producer", "consumer", "hog", "spawner"}) EXPECT_THAT(child.err, HasSubstr(name));
}

GORO_CHILD(quit_while_blocked_in_the_system) {
  return goro::run([] {
    goro::go({.name = "reader"}, [] {
      goro::blocking([] {
        char byte;
        int ends[2];
        if (pipe(ends) == 0) (void)!read(ends[0], &byte, 1);
      });
    });
    goro::sleep(20ms);
    kill(getpid(), SIGQUIT);
    goro::select();
  });
}

TEST_P(Dump, OnSigquitShowsAGoroutineInASystemCall) {
  const auto child = run_here("quit_while_blocked_in_the_system");
  expect_last_words(child, "SIGQUIT");
  EXPECT_THAT(child.err, HasSubstr("[syscall"));
}

GORO_CHILD(quit_without_run) {
  auto ch = goro::make_chan<int>();
  goro::go({.name = "waiter"}, [=] { (void)ch.recv(); });
  while (count_waiting("chan receive") != 1) std::this_thread::yield();
  kill(getpid(), SIGQUIT);
  std::this_thread::sleep_for(1h);
  return 0;
}

TEST_P(Dump, OnSigquitWorksInAProgramWithoutRun) {
  const auto child = run_here("quit_without_run");
  expect_last_words(child, "SIGQUIT");
  EXPECT_THAT(child.err, HasSubstr("waiter"));
  EXPECT_THAT(child.err, HasSubstr("[chan receive"));
}

}  // namespace
