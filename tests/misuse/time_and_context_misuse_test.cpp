// SPDX-License-Identifier: BSL-1.0
// Nil parents and keys, timers that never were, periods that are none, and exceptions that leave a call.
#include <goro/goro.hpp>

#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "last_words.hpp"

namespace {

using namespace std::chrono_literals;
using goro::context;

struct TimeAndContextMisuse : misuse_on_procs {};
GORO_ON_PROCS(TimeAndContextMisuse);

const std::string nil_parent = "cannot create context from nil parent";
const std::string no_period = "non-positive interval for NewTicker";
const std::string no_new_period = "non-positive interval for Ticker.Reset";
const std::string nil_dereference = "runtime error: invalid memory address or nil pointer dereference";

const goro::context_key<int> key{"key"};
const goro::context_key<int> nil_key;

struct mistake {
  std::string text;
  std::function<void()> make;
};

template <class F>
std::function<void()> discarding(F f) {
  return [f] { static_cast<void>(f()); };
}

const std::map<std::string, mistake> mistakes = {
    {"with_cancel", {nil_parent, discarding([] { return context::with_cancel({}); })}},
    {"with_cancel_cause", {nil_parent, discarding([] { return context::with_cancel_cause({}); })}},
    {"with_deadline", {nil_parent, discarding([] { return context::with_deadline({}, goro::clock::now()); })}},
    {"with_deadline_cause",
     {nil_parent, discarding([] { return context::with_deadline_cause({}, goro::clock::now(), {}); })}},
    {"with_timeout", {nil_parent, discarding([] { return context::with_timeout({}, 1s); })}},
    {"with_timeout_cause", {nil_parent, discarding([] { return context::with_timeout_cause({}, 1s, {}); })}},
    {"with_value", {nil_parent, discarding([] { return context::with_value({}, key, 1); })}},
    {"without_cancel", {nil_parent, discarding([] { return context::without_cancel({}); })}},
    {"nil key", {"nil key", discarding([] { return context::with_value(context::background(), nil_key, 1); })}},
    {"ticker of no time", {no_period, [] { goro::ticker(0s); }}},
    {"ticker of negative time", {no_period, [] { goro::ticker(-1s); }}},
    {"ticker reset to no time", {no_new_period, [] { goro::ticker(1h).reset(0s); }}},
    {"ticker reset to negative time", {no_new_period, [] { goro::ticker(1h).reset(-1s); }}},
    {"timer stop", {"time: Stop called on uninitialized Timer", [] { goro::timer().stop(); }}},
    {"timer reset", {"time: Reset called on uninitialized Timer", [] { goro::timer().reset(1s); }}},
    {"ticker reset", {"time: Reset called on uninitialized Ticker", [] { goro::ticker().reset(1s); }}},
};

const std::map<std::string, std::function<void()>> uses_of_nil = {
    {"done", discarding([] { return context().done(); })},
    {"err", discarding([] { return context().err(); })},
    {"cause", discarding([] { return context().cause(); })},
    {"deadline", discarding([] { return context().deadline(); })},
    {"value", discarding([] { return context().value(key); })},
    {"after_func", [] { context::after_func(context(), [] {}); }},
    {"cancel", [] { goro::cancel_func()(); }},
    {"cancel with a cause", [] { goro::cancel_cause_func()(); }},
};

GORO_CHILD(mistake_in_main) {
  return goro::run([&] { mistakes.at(args.at(0)).make(); });
}

GORO_CHILD(use_of_nil_in_main) {
  return goro::run([&] { uses_of_nil.at(args.at(0))(); });
}

TEST_P(TimeAndContextMisuse, PanicsNameTheMistakeAndThePlace) {
  for (const auto& [name, m] : mistakes) {
    const auto child = run_here("mistake_in_main", {name});
    expect_last_words(child, "panic: " + m.text + "\n\ngoroutine 1 [running]:\n");
    EXPECT_THAT(child.err, testing::HasSubstr("time_and_context_misuse_test.cpp:")) << name;
  }
}

TEST_P(TimeAndContextMisuse, PanicsCanBeCaughtAndLeaveNothingBehind) {
  goro::run({.max_procs = GetParam()}, [] {
    const auto before = goro::debug::stats();
    for (const auto& [name, m] : mistakes) EXPECT_EQ(panic_of([&f = m.make] { return f(), 0; }), m.text) << name;
    for (const auto& [name, f] : uses_of_nil) {
      EXPECT_THAT(panic_of([&use = f] { return use(), 0; }), testing::StartsWith(nil_dereference)) << name;
    }
    const auto after = goro::debug::stats();
    EXPECT_EQ(after.timers, before.timers);
    EXPECT_EQ(after.channels, before.channels);
    EXPECT_EQ(after.goroutines, before.goroutines);
  });
}

TEST_P(TimeAndContextMisuse, UsingANilContextOrAnEmptyCancelFunctionPanics) {
  for (const auto& [name, f] : uses_of_nil) {
    const auto child = run_here("use_of_nil_in_main", {name});
    expect_last_words(child, "panic: " + nil_dereference);
    EXPECT_THAT(child.err, testing::HasSubstr("\n\ngoroutine 1 [running]:\n")) << name;
  }
}

const std::map<std::string, std::function<void()>> nil_functions = {
    {"goro::after_func", [] { goro::after_func(1ms, std::function<void()>()); }},
    {"context::after_func", [] { context::after_func(context::background(), std::function<void()>()); }},
    {"pointer", [] { goro::after_func(1ms, static_cast<void (*)()>(nullptr)); }},
};

GORO_CHILD(nil_function) {
  return goro::run([&] {
    try {
      nil_functions.at(args.at(0))();
    } catch (...) {
      std::puts("caught");
    }
  });
}

TEST_P(TimeAndContextMisuse, AnEmptyFunctionIsFatalEvenUnderACatchAll) {
  for (const auto& [name, f] : nil_functions) {
    const auto child = run_here("nil_function", {name});
    expect_last_words(child, "fatal error: go of nil func value\n");
    EXPECT_EQ(child.out, "") << name;
  }
}

/// Ways to have a function called in a goroutine that nobody started by hand.
const std::map<std::string, std::function<void(std::function<void()>)>> callers = {
    {"timer", [](const std::function<void()>& f) { goro::after_func(1ms, f); }},
    {"context that is cancelled",
     [](const std::function<void()>& f) {
       const auto [ctx, cancel] = context::with_cancel(context::background());
       context::after_func(ctx, f);
       cancel();
     }},
    {"context that expires",
     [](const std::function<void()>& f) {
       auto [ctx, cancel] = context::with_timeout(context::background(), 1ms);
       context::after_func(ctx, f);
       goro::go([kept = cancel] { goro::sleep(1h); });
     }},
    {"context that is done",
     [](const std::function<void()>& f) {
       const auto [ctx, cancel] = context::with_timeout(context::background(), 0s);
       context::after_func(ctx, f);
     }},
};

const std::map<std::string, std::pair<std::string, std::function<void()>>> exceptions = {
    {"panic", {"panic: it was nothing\n\ngoroutine ", [] { throw goro::panic("it was nothing"); }}},
    {"exception", {"panic: it was thrown\n\ngoroutine ", [] { throw std::runtime_error("it was thrown"); }}},
};

GORO_CHILD(call_that_throws) {
  return goro::run([&] {
    try {
      callers.at(args.at(0))(exceptions.at(args.at(1)).second);
      goro::sleep(10s);
    } catch (...) {
      std::puts("caught");
    }
  });
}

TEST_P(TimeAndContextMisuse, AnExceptionThatLeavesACallEndsTheProcess) {
  for (const auto& [caller, call] : callers) {
    for (const auto& [kind, exception] : exceptions) {
      const auto child = run_here("call_that_throws", {caller, kind});
      expect_last_words(child, exception.first);
      EXPECT_EQ(child.out, "") << caller << ", " << kind;
    }
  }
}

}  // namespace
