// SPDX-License-Identifier: BSL-1.0
// What an exception that nobody catches prints. Each body runs in a child process.
#include <gmock/gmock.h>

#include <goro/goro.hpp>

#include <chrono>
#include <cstdio>
#include <exception>
#include <functional>
#include <stdexcept>
#include <string>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;

struct PanicReport : testing::TestWithParam<int> {
  static child_result run_here(const std::string& child, const std::string& argument = "") {
    return run_child(child, {argument}, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
  }
};
GORO_ON_PROCS(PanicReport);

int occurrences(const std::string& text, const std::string& what) {
  int n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + what.size())) ++n;
  return n;
}

GORO_CHILD(go_of_an_empty_function) {
  return goro::run([&] {
    try {
      if (args.at(0) == "std::function") goro::go(std::function<void()>());
      void (*null)() = nullptr;
      goro::go(null);
    } catch (...) {
    }
    return 0;
  });
}

TEST_P(PanicReport, PD06_StartingAnEmptyFunctionIsFatalEvenUnderACatchAll) {
  for (const char* kind : {"std::function", "pointer"}) {
    const auto child = run_here("go_of_an_empty_function", kind);
    EXPECT_EQ(child.exit_status, 2);
    EXPECT_THAT(child.err, StartsWith("fatal error: go of nil func value\n"));
  }
}

GORO_CHILD(panic_in_main) {
  return goro::run([] { throw goro::panic("test"); });
}

TEST_P(PanicReport, PD07_MainIsGoroutineOne) {
  const auto child = run_here("panic_in_main");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("panic: test\n\ngoroutine 1 [running]:\n"));
}

GORO_CHILD(panic_with_a_timer_pending) {
  return goro::run([] {
    goro::after_func(1h, [] {});
    throw goro::panic("oops");
  });
}

TEST_P(PanicReport, PD08_OnlyThePanickingGoroutineIsShownAndNoHelpersOfTheRuntime) {
  const auto child = run_here("panic_with_a_timer_pending");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_EQ(occurrences("\n" + child.err, "\ngoroutine "), 1) << child.err;
}

[[noreturn]] void innermost() { throw goro::panic("panic 1"); }

[[noreturn]] void middle() {
  try {
    innermost();
  } catch (...) {
    std::throw_with_nested(goro::panic("panic 2"));
  }
}

[[noreturn]] void outermost() {
  try {
    middle();
  } catch (...) {
    std::throw_with_nested(std::runtime_error("panic 3"));
  }
}

GORO_CHILD(three_nested_panics) {
  return goro::run([] { outermost(); });
}

TEST_P(PanicReport, PD12_ThreeNestedPanicsPrintOldestFirst) {
  const auto child = run_here("three_nested_panics");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("panic: panic 1\n\tpanic: panic 2\n\tpanic: panic 3\n\ngoroutine 1 [running]:\n"));
}

struct talks_while_printed : std::exception {
  const char* what() const noexcept override {
    std::fputs("1\n", stderr);
    std::fputs("2\n", stderr);
    return "3";
  }
};

GORO_CHILD(text_function_that_prints) {
  return goro::run([] { throw talks_while_printed(); });
}

TEST_P(PanicReport, PD13_TheTextIsComputedBeforeAnythingIsPrinted) {
  const auto child = run_here("text_function_that_prints");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("1\n2\npanic: 3\n\n"));
}

GORO_CHILD(wrapped_then_again) {
  return goro::run([] {
    try {
      try {
        throw goro::panic("bad");
      } catch (const goro::panic& p) {
        throw goro::panic(std::string("wrap: ") + p.what());
      }
    } catch (const goro::panic& p) {
      std::fprintf(stderr, "%s\n", p.what());
    }
    throw goro::panic("again");
  });
}

TEST_P(PanicReport, PD14_RecoveredPanicsLeaveNoTraceInTheNext) {
  const auto child = run_here("wrapped_then_again");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("wrap: bad\npanic: again\n\n"));
}

GORO_CHILD(second_panic_nested_in_the_first) {
  return goro::run([] {
    try {
      throw goro::panic("first panic");
    } catch (...) {
      std::throw_with_nested(goro::panic("second panic"));
    }
  });
}

TEST_P(PanicReport, PD15_APanicThrownWhileHandlingAnotherStandsOnATabbedLine) {
  const auto child = run_here("second_panic_nested_in_the_first");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("panic: first panic\n\tpanic: second panic\n\n"));
}

GORO_CHILD(rethrown) {
  return goro::run([] {
    try {
      throw goro::panic("message");
    } catch (const goro::panic&) {
      throw;
    }
  });
}

TEST_P(PanicReport, PD16_ARethrownPanicPrintsOnce) {
  const auto child = run_here("rethrown");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("panic: message\n\n"));
  EXPECT_EQ(occurrences(child.err, "message"), 1) << child.err;
}

GORO_CHILD(panic_in_a_defer_of_a_panic) {
  return goro::run([] {
    goro::defer deferred{[] { throw goro::panic("YYY"); }};
    throw goro::panic("XXX");
  });
}

TEST_P(PanicReport, PD17_BothMessagesOfADoublePanicAppear) {
  const auto child = run_here("panic_in_a_defer_of_a_panic");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, HasSubstr("panic: XXX"));
  EXPECT_THAT(child.err, HasSubstr("panic: YYY"));
}

namespace zoo {
struct animal {
  int legs;
};
enum class colour { red };
}  // namespace zoo

GORO_CHILD(throw_a_value) {
  return goro::run([&] {
    const std::string& kind = args.at(0);
    if (kind == "int") throw 42;
    if (kind == "negative") throw -7L;
    if (kind == "unsigned") throw 18446744073709551615ULL;
    if (kind == "double") throw 1.5;
    if (kind == "bool") throw true;
    if (kind == "literal") throw "text";
    if (kind == "string") throw std::string("a string");
    if (kind == "lines") throw goro::panic("first\nsecond\nthird");
    if (kind == "error") throw std::out_of_range("an error");
    if (kind == "enum") throw zoo::colour::red;
    throw zoo::animal{4};
  });
}

struct value_and_text {
  const char* kind;
  const char* text;
};

TEST_P(PanicReport, PD18_NumbersAndStringsPrintAsTheyAreAndOtherTypesByName) {
  for (const auto& [kind, text] : {value_and_text{"int", "42\n\n"},
                                   {"negative", "-7\n\n"},
                                   {"unsigned", "18446744073709551615\n\n"},
                                   {"double", "1.5"},
                                   {"bool", "true\n\n"},
                                   {"literal", "text\n\n"},
                                   {"string", "a string\n\n"},
                                   {"lines", "first\n\tsecond\n\tthird\n\n"},
                                   {"error", "an error\n\n"}}) {
    const auto child = run_here("throw_a_value", kind);
    EXPECT_EQ(child.exit_status, 2) << kind;
    EXPECT_THAT(child.err, StartsWith(std::string("panic: ") + text)) << kind;
  }
  for (const auto& [kind, text] : {value_and_text{"enum", "zoo::colour)"}, {"struct", "zoo::animal)"}}) {
    const auto child = run_here("throw_a_value", kind);
    EXPECT_EQ(child.exit_status, 2) << kind;
    EXPECT_THAT(child.err, StartsWith("panic: (")) << kind;
    EXPECT_THAT(child.err.substr(0, child.err.find('\n')), HasSubstr(text));
  }
}

void dies_in_a_child_goroutine() { throw std::runtime_error("child is gone"); }

GORO_CHILD(panic_in_a_child_goroutine) {
  return goro::run([] {
    goro::go(dies_in_a_child_goroutine);
    goro::sleep(1h);
  });
}

TEST_P(PanicReport, PD30_APanicInAChildGoroutineKillsTheProcessAndNamesItsCreator) {
  const auto child = run_here("panic_in_a_child_goroutine");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, StartsWith("panic: child is gone\n\ngoroutine "));
  EXPECT_THAT(child.err, Not(HasSubstr("goroutine 1 [running]")));
  EXPECT_THAT(child.err, HasSubstr(" [running]:\n"));
  EXPECT_THAT(child.err, HasSubstr("\ncreated by "));
  EXPECT_THAT(child.err, HasSubstr(" in goroutine 1\n"));
}

TEST_P(PanicReport, PD30_TheStackIsThatOfThePlaceWhereItWasThrown) {
  const auto child = run_here("panic_in_a_child_goroutine");
  EXPECT_THAT(child.err, HasSubstr("dies_in_a_child_goroutine"));
  EXPECT_THAT(child.err, HasSubstr("panic_report_test.cpp:"));
}

}  // namespace
