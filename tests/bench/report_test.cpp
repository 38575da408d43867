// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>

#include "plot.hpp"
#include "svg.hpp"

namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

constexpr comparison timed{"ping", "ping <&> \"pong\"", 1, 0.25, 0.5};
constexpr comparison sized{"size", "memory", 1, 3e6, 3e6, limit_kind::at_most};
constexpr comparison forked{"fork", "fork-join", 1, 0.5, 0.5, limit_kind::times_go, {"Other", 1.2}};
constexpr comparison not_in_go{"sort", "sort", 1, 0, 0};

sitting here() {
  return {.command = "./goro bench compare",
          .date = "2026-01-02",
          .machine = "a machine",
          .load = "0.50",
          .programs = {{"goro", "g++"}, {"Go", "go1"}, {"Other", "2.0"}},
          .runs = 3,
          .cpu_time = false};
}

samples of(std::string program, std::vector<double> values, std::string unit = "ns") {
  return {.program = std::move(program), .values = std::move(values), .unit = std::move(unit)};
}

outcome with(const comparison& row, int procs, std::vector<samples> results) {
  return {.row = &row, .procs = procs, .results = std::move(results), .probe = {}};
}

TEST(CompareSamples, MedianIsTheMiddleOrBetweenTheMiddleTwo) {
  EXPECT_EQ(of("goro", {9, 1, 5}).median(), 5);
  EXPECT_EQ(of("goro", {9, 1, 5, 7}).median(), 6);
}

TEST(CompareBudget, IsRelativeToGoInTheSameRun) {
  const auto result = with(timed, 1, {of("goro", {26}), of("Go", {100})});
  EXPECT_EQ(result.budget(), 25);
  EXPECT_EQ(result.judged(), verdict::missed);
  EXPECT_EQ(with(timed, 2, {of("goro", {26}), of("Go", {100})}).judged(), verdict::met);
}

TEST(CompareBudget, InBytesNeedsNoGo) {
  EXPECT_EQ(with(sized, 1, {of("goro", {2e6}, "bytes")}).judged(), verdict::met);
  EXPECT_EQ(with(sized, 1, {of("goro", {4e6}, "bytes")}).judged(), verdict::missed);
}

TEST(CompareBudget, BesideAnotherLibraryIsTheStricterOfTheTwo) {
  EXPECT_EQ(with(forked, 1, {of("goro", {30}), of("Go", {100}), of("Other", {20})}).budget(), 24);
  EXPECT_EQ(with(forked, 1, {of("goro", {30}), of("Go", {100}), of("Other", {90})}).budget(), 50);
}

TEST(CompareBudget, IsNotJudgedWithoutFiguresOrWithMoreProcessors) {
  EXPECT_EQ(with(timed, 1, {of("goro", {26})}).judged(), std::nullopt);
  EXPECT_EQ(with(timed, 4, {of("goro", {26}), of("Go", {100})}).judged(), std::nullopt);
}

TEST(CompareBudget, IsMissedByAProgramThatFailed) {
  auto failed = of("goro", {});
  failed.failed = true;
  EXPECT_EQ(with(timed, 1, {failed, of("Go", {100})}).judged(), verdict::missed);
}

TEST(CompareBudget, IsNotMissedWithinATenthOfTheFloor) {
  EXPECT_EQ(with(timed, 1, {of("goro", {33}), of("Go", {100}), of("floor", {30})}).judged(), verdict::at_floor);
  EXPECT_EQ(with(timed, 1, {of("goro", {34}), of("Go", {100}), of("floor", {30})}).judged(), verdict::missed);
  EXPECT_EQ(with(timed, 1, {of("goro", {25}), of("Go", {100}), of("floor", {30})}).judged(), verdict::met);
}

TEST(CompareTable, HasAColumnForEveryProgramAndItsRatio) {
  EXPECT_EQ(table_head(here()),
            "| row | procs | goro | Go | goro / Go | Other | goro / Other | budget | verdict | cache line, ns |\n"
            "|---|---|---|---|---|---|---|---|---|---|");
}

TEST(CompareTable, ShowsMedianSpreadRatioAndVerdict) {
  auto result = with(timed, 2, {of("goro", {10, 20, 30}), of("Go", {100})});
  result.probe = {80, 120};
  EXPECT_EQ(
      table_line(here(), result),
      "| ping <&> \"pong\" | 2 | 20.0 ns (10.0–30.0) | 100 ns (100–100) | 0.20 |  |  | 0.50 × Go | met | 80.0–120 |");
}

TEST(CompareTable, ShowsMegabytesAndFailures) {
  auto failed = of("Other", {});
  failed.failed = true;
  EXPECT_EQ(table_line(here(), with(sized, 1, {of("goro", {4e6}, "bytes"), of("Go", {2e6}, "bytes"), failed})),
            "| memory | 1 | 4.00 MB (4.00–4.00) | 2.00 MB (2.00–2.00) | 2.00 | failed |  | 3.00 MB | **missed** |  |");
}

TEST(CompareReport, HeadSaysWhatRanWhereAndEndsInWhatWasMissed) {
  EXPECT_THAT(report_head(here()), HasSubstr("    ./goro bench compare\n\n2026-01-02; a machine; load 0.50"));
  EXPECT_THAT(report_head(here()), HasSubstr("goro (g++), Go (go1), Other (2.0)"));
  const std::vector results{with(timed, 1, {of("goro", {20}), of("Go", {100})}),
                            with(timed, 2, {of("goro", {90}), of("Go", {100})}),
                            with(timed, 1, {of("goro", {90}), of("Go", {100}), of("floor", {90})})};
  EXPECT_THAT(report_foot(results, {.others = 0.126, .stolen = 0}),
              HasSubstr("Budgets met: 1 of 3. Not met, but at the floor (row/processors): ping/1. Missed "
                        "(row/processors): ping/2.  \nOf all CPU time, other processes used 13 %"));
}

// Whether every element is closed in order, every attribute has its quotes, and no bare < or & is left in a text.
testing::AssertionResult well_formed(std::string_view xml) {
  std::vector<std::string_view> open;
  for (std::size_t at = 0; at < xml.size();) {
    if (xml[at] == '&' && !xml.substr(at).starts_with("&amp;") && !xml.substr(at).starts_with("&lt;") &&
        !xml.substr(at).starts_with("&gt;") && !xml.substr(at).starts_with("&quot;")) {
      return testing::AssertionFailure() << "a bare & before " << xml.substr(at, 40);
    }
    if (xml[at] != '<') {
      ++at;
      continue;
    }
    const auto end = xml.find('>', at);
    if (end == xml.npos) return testing::AssertionFailure() << "a tag without an end: " << xml.substr(at, 40);
    const auto tag = xml.substr(at + 1, end - at - 1);
    if (tag.find('<') != tag.npos || std::ranges::count(tag, '"') % 2 != 0) {
      return testing::AssertionFailure() << "not a tag: " << tag;
    }
    const auto name = tag.substr(tag.starts_with('/'), tag.find_first_of(" />", 1) - tag.starts_with('/'));
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != name) return testing::AssertionFailure() << "closes nothing: " << tag;
      open.pop_back();
    } else if (!tag.ends_with('/')) {
      open.push_back(name);
    }
    at = end + 1;
  }
  if (!open.empty()) return testing::AssertionFailure() << "left open: " << open.back();
  return testing::AssertionSuccess();
}

std::ptrdiff_t count(std::string_view text, std::string_view word) {
  std::ptrdiff_t found = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

TEST(ComparePlot, IsWellFormedWithAMarkForEveryFigure) {
  const std::vector results{
      with(timed, 1, {of("goro", {10, 20, 30}), of("Go", {100}), of("Other", {400})}),
      with(timed, 2, {of("goro", {90}), of("Go", {100})}),
      with(sized, 1, {of("goro", {1e6}, "bytes"), of("Go", {2e6}, "bytes")}),
      with(not_in_go, 1, {of("goro", {1}), of("Other", {1})}),
  };
  const std::string svg = plot(here(), results);
  EXPECT_TRUE(well_formed(svg));
  EXPECT_THAT(svg, EndsWith("</svg>\n"));
  EXPECT_THAT(svg, HasSubstr("ping &lt;&amp;&gt; &quot;pong&quot;"));
  EXPECT_THAT(svg, HasSubstr("1 processor<"));
  EXPECT_THAT(svg, HasSubstr("2 processors<"));
  EXPECT_THAT(svg, HasSubstr("2026-01-02; a machine"));
  EXPECT_THAT(svg, HasSubstr("no figure of Go's: sort"));
  EXPECT_EQ(count(svg, "<path"), 7 + 4) << "7 figures and 4 keys";
  EXPECT_EQ(count(svg, "marker0 open\""), 1 + 1) << "the missed budget and its key";
  EXPECT_EQ(count(svg, "class=\"budget\""), 3 + 1);
}

TEST(ComparePlot, HasNothingToShowWithoutGo) {
  const std::vector results{with(timed, 1, {of("goro", {10})})};
  const std::string svg = plot(here(), results);
  EXPECT_TRUE(well_formed(svg));
  EXPECT_THAT(svg, Not(HasSubstr("processor")));
  EXPECT_THAT(svg, HasSubstr("no figure of Go's: ping"));
}

TEST(ComparePlot, BreaksLongLinesBetweenWordsAndNeverInsideACharacter) {
  EXPECT_THAT(svg::wrapped("one two three", svg::width_of("one two th")), testing::ElementsAre("one two", "three"));
  EXPECT_THAT(svg::wrapped("ππππππππ", svg::width_of("πππ")), testing::ElementsAre("πππ", "πππ", "ππ"));
}

}  // namespace
