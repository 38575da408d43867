// SPDX-License-Identifier: BSL-1.0
// Bad input to worker pools: what is a bug in the program panics with the value and the way out; nothing was started.
#include <goro/goro.hpp>
#include <goro/worker_pool.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "child.hpp"
#include "last_words.hpp"

namespace {

struct WorkerPoolMisuse : misuse_on_procs {};
GORO_ON_PROCS(WorkerPoolMisuse);

using namespace std::chrono_literals;
using goro::worker_pool;

/// Tries it in a goroutine and on a plain thread.
void expect_panic(const std::string& text, const std::function<void()>& f) {
  const auto of_f = [&] {
    EXPECT_EQ(panic_of([&] {
                f();
                return 0;
              }),
              "goro::worker_pool: " + text);
  };
  of_f();
  goro::run({.max_procs = WorkerPoolMisuse::GetParam()}, of_f);
}

TEST_P(WorkerPoolMisuse, TooFewWorkersPanic) {
  expect_panic("0 workers do nothing; there must be 1 or more", [] { worker_pool pool(0); });
  expect_panic("-3 workers do nothing; there must be 1 or more", [] { worker_pool pool(-3); });
  expect_panic("from 3 to 2 workers; the least must be 0 or more, and not more than the most",
               [] { worker_pool pool({.min = 3, .max = 2}); });
  expect_panic("from -1 to 2 workers; the least must be 0 or more, and not more than the most",
               [] { worker_pool pool({.min = -1, .max = 2}); });
}

TEST_P(WorkerPoolMisuse, SizesAndTimesThatMakeNoSensePanic) {
  expect_panic("a queue of 0 takes nothing; it must have room for 1 or more",
               [] { worker_pool pool(1, {.queue = 0}); });
  expect_panic("an aging of -1 tasks; it must be 0 or more", [] { worker_pool pool(1, {.aging = -1}); });
  expect_panic("an idle timeout of 0 ns; it must be positive",
               [] { worker_pool pool({.max = 1, .idle_timeout = 0s}); });
  expect_panic("a timeout of -5000000 ns; it must be positive, or 0 for none",
               [] { worker_pool pool(1, {.timeout = -5ms}); });
}

TEST_P(WorkerPoolMisuse, ATaskWithANegativeTimeoutPanicsAndIsNotTaken) {
  expect_panic("a timeout of -1 ns; it must be positive, or 0 for none", [] {
    worker_pool pool(1);
    EXPECT_EQ(panic_of([&] { return pool.try_submit({.timeout = -1ns}, [] {}); }),
              "goro::worker_pool: a timeout of -1 ns; it must be positive, or 0 for none");
    EXPECT_EQ(pool.stats().submitted, 0u);
    static_cast<void>(pool.submit({.timeout = -1ns}, [] {}));
  });
}

GORO_CHILD(submit_an_empty_function) {
  return goro::run([] {
    worker_pool pool(1);
    static_cast<void>(pool.submit(std::function<void()>()));
  });
}

TEST_P(WorkerPoolMisuse, AnEmptyFunctionIsFatalAsItIsForGo) {
  const child_result child = run_child("submit_an_empty_function");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, testing::StartsWith("fatal error: go of nil func value\n"));
}

TEST_P(WorkerPoolMisuse, ATaskThatEndsItsPoolPanics) {
  goro::run({.max_procs = GetParam()}, [] {
    worker_pool pool(1);
    const std::string way_out = "() in one of the pool's own tasks would wait for itself: call it elsewhere";
    EXPECT_EQ(pool.submit([&] { return panic_of([&] { return pool.shutdown(), 0; }); }).get(),
              "goro::worker_pool: shutdown" + way_out);
    EXPECT_EQ(pool.submit([&] { return panic_of([&] { return pool.stop_now(), 0; }); }).get(),
              "goro::worker_pool: stop_now" + way_out);
    EXPECT_EQ(pool.submit([] { return 1; }).get(), 1);
  });
}

GORO_CHILD(panic_in_a_task) {
  return goro::run([] {
    worker_pool pool(2);
    pool.submit([] { goro::chan<int>().close(); }).get();
  });
}

TEST_P(WorkerPoolMisuse, APanicInATaskEndsTheProcess) {
  const child_result child = run_child("panic_in_a_task");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, testing::StartsWith("panic: close of nil channel\n"));
}

GORO_CHILD(pool_destroyed_by_its_own_task) {
  return goro::run([] {
    auto pool = std::make_unique<worker_pool>(1);
    pool->submit([&] { pool.reset(); }).get();
  });
}

TEST_P(WorkerPoolMisuse, ATaskThatDestroysItsPoolIsFatal) {
  const child_result child = run_child("pool_destroyed_by_its_own_task");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, testing::StartsWith("fatal error: goro::worker_pool: destroyed by one of its own tasks\n"));
}

GORO_CHILD(tasks_that_wait_for_each_other) {
  return goro::run([] {
    worker_pool pool(1);
    pool.submit([&] { pool.submit([] {}).get(); }).get();
  });
}

// The one worker waits for a task that waits for a worker.
TEST_P(WorkerPoolMisuse, APoolThatStandsStillIsADeadlockThatIsReported) {
  const child_result child = run_child("tasks_that_wait_for_each_other");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, testing::StartsWith("fatal error: all goroutines are asleep - deadlock!\n"));
}

}  // namespace
