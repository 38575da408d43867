// SPDX-License-Identifier: BSL-1.0
// A lock or group that is destroyed while somebody waits for it would leave the waiter asleep in freed memory: the
// process dies with the name of the primitive, and with the waiter in the dump.
#include <goro/goro.hpp>

#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "last_words.hpp"

namespace {

struct DestroyedInUse : misuse_on_procs {};
GORO_ON_PROCS(DestroyedInUse);

using testing::HasSubstr;

/// Starts somebody who waits and returns what then destroys the primitive.
using start = std::function<void(std::function<void()>)>;
using destroy = std::function<void()>;

struct primitive {
  const char* fatal;
  const char* reason;
  std::function<destroy(const start&)> wait;
};

const std::map<std::string, primitive> primitives = {
    {"mutex",
     {"sync: Mutex destroyed", "sync.Mutex.Lock",
      [](const start& in_the_background) -> destroy {
        auto* const mu = new goro::mutex;
        mu->lock();
        in_the_background([mu] { mu->lock(); });
        return [mu] { delete mu; };
      }}},
    {"reader",
     {"sync: RWMutex destroyed", "sync.RWMutex.RLock",
      [](const start& in_the_background) -> destroy {
        auto* const mu = new goro::rw_mutex;
        mu->lock();
        in_the_background([mu] { mu->lock_shared(); });
        return [mu] { delete mu; };
      }}},
    {"writer",
     {"sync: RWMutex destroyed", "sync.RWMutex.Lock",
      [](const start& in_the_background) -> destroy {
        auto* const mu = new goro::rw_mutex;
        mu->lock_shared();
        in_the_background([mu] { mu->lock(); });
        return [mu] { delete mu; };
      }}},
    {"second_writer",
     {"sync: RWMutex destroyed", "sync.Mutex.Lock",
      [](const start& in_the_background) -> destroy {
        auto* const mu = new goro::rw_mutex;
        mu->lock();
        in_the_background([mu] { mu->lock(); });
        return [mu] { delete mu; };
      }}},
    {"cond",
     {"sync: Cond destroyed", "sync.Cond.Wait",
      [](const start& in_the_background) -> destroy {
        auto* const c = new goro::cond;
        in_the_background([c] {
          goro::mutex mu;
          std::unique_lock lock(mu);
          c->wait(lock);
        });
        return [c] { delete c; };
      }}},
    {"wait_group",
     {"sync: WaitGroup destroyed", "sync.WaitGroup.Wait",
      [](const start& in_the_background) -> destroy {
        auto* const group = new goro::wait_group;
        group->add();
        in_the_background([group] { group->wait(); });
        return [group] { delete group; };
      }}},
    {"semaphore",
     {"semaphore: destroyed", "select",
      [](const start& in_the_background) -> destroy {
        auto* const tokens = new goro::semaphore(1);
        tokens->acquire();
        in_the_background([tokens] { tokens->acquire(); });
        return [tokens] { delete tokens; };
      }}},
};

GORO_CHILD(destroy_while_a_goroutine_waits) {
  return goro::run([&] {
    const primitive& what = primitives.at(args.at(0));
    const destroy it = what.wait([](std::function<void()> f) { goro::go(std::move(f)); });
    if (eventually_waiting(1, what.reason)) it();
    std::puts("went on");
  });
}

GORO_CHILD(destroy_while_a_thread_waits) {
  return goro::run([&] {
    const primitive& what = primitives.at(args.at(0));
    const destroy it = what.wait([](std::function<void()> f) { std::thread(std::move(f)).detach(); });
    if (eventually_waiting(1, what.reason)) it();
    std::puts("went on");
  });
}

TEST_P(DestroyedInUse, IsFatalAndNamed) {
  for (const auto& [name, what] : primitives) {
    const auto child = run_here("destroy_while_a_goroutine_waits", {name});
    expect_last_words(child, std::string("fatal error: ") + what.fatal + " while goroutines wait\n");
    EXPECT_EQ(child.out, "") << name;
    EXPECT_THAT(child.err, HasSubstr(std::string(" [") + what.reason + "]:\n")) << name;
  }
}

TEST_P(DestroyedInUse, ByAThreadThatWaitsToo) {
  for (const auto& [name, what] : primitives) {
    const auto child = run_here("destroy_while_a_thread_waits", {name});
    expect_last_words(child, std::string("fatal error: ") + what.fatal + " while goroutines wait\n");
    EXPECT_EQ(child.out, "") << name;
  }
}

GORO_CHILD(destroy_what_an_ended_run_waits_for) {
  for (const auto& [name, what] : primitives) {
    destroy it;
    goro::run([&, &primitive = what] {
      it = primitive.wait([](std::function<void()> f) { goro::go(std::move(f)); });
      EXPECT_TRUE(eventually_waiting(1, primitive.reason));
    });
    it();
  }
  return 0;
}

TEST_P(DestroyedInUse, GoroutinesThatNeverRunAgainDoNotWait) {
  const auto child = run_here("destroy_what_an_ended_run_waits_for");
  EXPECT_EQ(child.exit_status, 0) << child.err;
  EXPECT_EQ(child.err, "");
}

goro::mutex static_mutex;

GORO_CHILD(exit_while_a_goroutine_waits) {
  static_mutex.lock();
  goro::go([] { static_mutex.lock(); });
  return eventually_waiting(1, "sync.Mutex.Lock") ? 0 : 1;
}

TEST_P(DestroyedInUse, AStaticOneMayBeWaitedForWhenTheProcessExits) {
  const auto child = run_here("exit_while_a_goroutine_waits");
  EXPECT_EQ(child.exit_status, 0) << child.err;
  EXPECT_EQ(child.err, "");
}

}  // namespace
