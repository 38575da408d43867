// SPDX-License-Identifier: BSL-1.0
// Bad input to pipelines: what is a bug in the program panics with the value and the way out, before anything runs; what
// is wrong with a file is an exception.
#include <goro/goro.hpp>
#include <goro/pipeline.hpp>

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <sstream>
#include <string>
#include <system_error>
#include <tuple>
#include <vector>

#include <unistd.h>

#include "last_words.hpp"

namespace {

namespace gp = goro::pipeline;

struct PipelineMisuse : misuse_on_procs {};
GORO_ON_PROCS(PipelineMisuse);

constexpr std::ptrdiff_t least = std::numeric_limits<std::ptrdiff_t>::min();
constexpr auto same = [](int x) { return x; };

/// Tries it in a goroutine and on a plain thread.
void expect_panic(const std::string& text, const std::function<void()>& f) {
  const auto of_f = [&] {
    EXPECT_EQ(panic_of([&] {
                f();
                return 0;
              }),
              text);
  };
  of_f();
  goro::run({.max_procs = PipelineMisuse::GetParam()}, of_f);
}

TEST_P(PipelineMisuse, NumbersThatMakeNoSensePanic) {
  expect_panic("goro::pipeline::fan_out: 0 workers: it must be 1 or more", [] { std::ignore = gp::fan_out(0, same); });
  expect_panic("goro::pipeline::fan_out: -1 workers: it must be 1 or more",
               [] { std::ignore = gp::fan_out(gp::ordered, -1, same); });
  expect_panic("goro::pipeline::batch: 0 elements a batch: it must be 1 or more", [] { std::ignore = gp::batch(0); });
  expect_panic("goro::pipeline::batch: -9223372036854775808 elements a batch: it must be 1 or more",
               [] { std::ignore = gp::batch(least); });
  expect_panic("goro::pipeline::take: -3 elements: it must be 0 or more", [] { std::ignore = gp::take(-3); });
  expect_panic("goro::pipeline::buffered: -1 elements of room: it must be 0 or more",
               [] { std::ignore = gp::buffered(-1); });
  expect_panic("goro::pipeline::lines: 0 bytes a line: it must be 1 or more", [] { std::ignore = gp::lines("/", 0); });
}

TEST_P(PipelineMisuse, EmptyFunctionsPanic) {
  const std::string way_out = ": the function is empty: give it one that can be called";
  const std::function<int(int)> none;
  const std::function<bool(int)> no_predicate;
  const std::function<void(int)> no_consumer;
  const std::function<std::optional<int>()> no_source;
  expect_panic("goro::pipeline::generate" + way_out, [&] { std::ignore = gp::generate(no_source); });
  expect_panic("goro::pipeline::map" + way_out, [&] { std::ignore = gp::map(none); });
  expect_panic("goro::pipeline::map" + way_out, [&] { std::ignore = gp::map(static_cast<int (*)(int)>(nullptr)); });
  expect_panic("goro::pipeline::filter" + way_out, [&] { std::ignore = gp::filter(no_predicate); });
  expect_panic("goro::pipeline::take_while" + way_out, [&] { std::ignore = gp::take_while(no_predicate); });
  expect_panic("goro::pipeline::fan_out" + way_out, [&] { std::ignore = gp::fan_out(2, none); });
  expect_panic("goro::pipeline::fan_out" + way_out, [&] { std::ignore = gp::fan_out(gp::ordered, 2, none); });
  expect_panic("goro::pipeline::tee" + way_out, [&] { std::ignore = gp::tee(no_consumer); });
  expect_panic("goro::pipeline::for_each" + way_out, [&] { std::ignore = gp::for_each(no_consumer); });
  expect_panic("goro::pipeline::fold" + way_out, [&] { std::ignore = gp::fold(0, std::function<int(int, int)>()); });
}

TEST_P(PipelineMisuse, NilContextsPanic) {
  const std::string text = "cannot create context from nil parent";
  expect_panic(text, [] { std::ignore = gp::collect(goro::context()); });
  expect_panic(text, [] { std::ignore = gp::for_each(goro::context(), [](int) {}); });
  expect_panic(text, [] { std::ignore = gp::pull(goro::context()); });
  expect_panic(text, [] { std::ignore = gp::broadcast(goro::context(), gp::count()); });
}

TEST_P(PipelineMisuse, AContextForABranchPanics) {
  const std::string text =
      "goro::pipeline: a branch ends with the whole: give the context to broadcast(), or to the main sink";
  const auto ctx = goro::context::background();
  expect_panic(text, [&] { std::ignore = gp::broadcast(gp::count(), gp::map(same) | gp::count(ctx)); });
  expect_panic(text, [&] { std::ignore = gp::tee(gp::count(ctx)); });
}

TEST_P(PipelineMisuse, ASourceThatWasUsedPanics) {
  expect_panic("goro::pipeline: this source has been used: a pipeline runs once, make a new one", [] {
    auto once = gp::from({1, 2});
    EXPECT_EQ(std::move(once) | gp::count(), 2u);
    std::ignore = std::move(once) | gp::map(same) | gp::count();
  });
}

TEST_P(PipelineMisuse, APanicInAStageEndsTheProcess) {
  for (const std::string stage : {"map", "ordered", "branch"}) {
    const child_result child = run_here("panic_in_a_stage", {stage});
    expect_last_words(child, "panic: a bug in " + stage);
    EXPECT_EQ(child.out, "") << "nobody who waits goes on";
  }
}
GORO_CHILD(panic_in_a_stage) {
  const auto bug = [what = args[0]](int x) -> int {
    if (x == 100) throw goro::panic("a bug in " + what);
    return x;
  };
  const auto naturals = [] { return gp::generate([i = 0]() mutable -> std::optional<int> { return i++; }); };
  return goro::run([&] {
    if (args[0] == "map") std::ignore = naturals() | gp::map(bug) | gp::map(same) | gp::count();
    if (args[0] == "ordered") std::ignore = naturals() | gp::fan_out(gp::ordered, 3, bug) | gp::count();
    if (args[0] == "branch") std::ignore = naturals() | gp::broadcast(gp::for_each(bug), gp::count());
    std::puts("went on");
  });
}

class temporary_file {
 public:
  explicit temporary_file(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("goro_pipeline_" + std::to_string(::getpid()))) {
    std::ofstream(path_) << text;
  }
  temporary_file(const temporary_file&) = delete;
  temporary_file& operator=(const temporary_file&) = delete;
  ~temporary_file() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST_P(PipelineMisuse, ReadsWhateverIsInAFile) {
  const std::string block(100'000, 'x');
  for (const std::string& text : {std::string(), std::string("\n"), std::string("a"), std::string("a\n\nb"),
                                  std::string("a\r\nb\n"), block + "\n" + block, std::string("\0\n\0", 3)}) {
    std::vector<std::string> expected;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) expected.push_back(line);
    const temporary_file file(text);
    EXPECT_EQ(gp::lines(file.path()) | gp::collect(), expected);
    std::istringstream again(text);
    EXPECT_EQ(gp::lines(again) | gp::collect(), expected);
    std::ifstream stream(file.path());
    EXPECT_EQ(gp::lines(stream) | gp::collect(), expected);
  }
}

/// What the exception says of the error.
template <class F>
std::error_code code_of(F f) {
  try {
    std::ignore = f();
  } catch (const std::system_error& e) {
    return e.code();
  }
  return {};
}

TEST_P(PipelineMisuse, AFileThatCannotBeReadIsAnException) {
  EXPECT_EQ(code_of([] { return gp::lines("/no/such/file") | gp::count(); }), std::errc::no_such_file_or_directory);
  EXPECT_EQ(code_of([] { return gp::lines("/") | gp::count(); }), std::errc::is_a_directory);
  std::ifstream none("/no/such/file");
  EXPECT_EQ(code_of([&] { return gp::lines(none) | gp::count(); }), std::io_errc::stream);
  try {
    std::ignore = gp::lines("/no/such/file") | gp::count();
    ADD_FAILURE();
  } catch (const std::system_error& e) {
    EXPECT_STREQ(e.what(), "goro::pipeline::lines: cannot open /no/such/file: No such file or directory");
  }
}

TEST_P(PipelineMisuse, ALineThatIsTooLongIsAnException) {
  const temporary_file file("12345\n123456\n");
  EXPECT_EQ((gp::lines(file.path(), 6) | gp::count()), 2u);
  try {
    std::ignore = gp::lines(file.path(), 5) | gp::count();
    ADD_FAILURE();
  } catch (const std::system_error& e) {
    EXPECT_EQ(e.code(), std::errc::value_too_large);
    EXPECT_THAT(e.what(),
                testing::HasSubstr(file.path() + " has a line of more than 5 bytes: lines() takes the number as "
                                                 "its second argument"));
  }
}

}  // namespace
