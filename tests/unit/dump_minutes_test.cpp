// SPDX-License-Identifier: BSL-1.0
// D9: a dump says for how many minutes a goroutine has been waiting. Nobody waits here: the clock it is timed by is
// set back.
#include <goro/debug.hpp>
#include <goro/goro.hpp>

#include <cstdint>
#include <sstream>
#include <string>

#include "goro_test.hpp"
#include "os/clock.hpp"
#include "sched/blocks.hpp"

namespace {

using testing::HasSubstr;
using testing::Not;

struct DumpMinutes : on_procs {};
GORO_ON_PROCS(DumpMinutes);

void backdate_waits(std::int64_t by) {
  std::int64_t since = goro::runtime::now_ns() - by;
  goro::runtime::for_each_goroutine(
      [](goro::runtime::goroutine* g, void* at) {
        if (g->state.load() == goro::runtime::status::waiting) g->waiting_since.store(*static_cast<std::int64_t*>(at));
      },
      &since);
}

std::string dump() {
  std::ostringstream out;
  goro::debug::dump(out);
  return out.str();
}

TEST_P(DumpMinutes, AreShownFromOneOnAndForgottenWhenTheGoroutineGoesOn) {
  run([] {
    const auto ping = goro::make_chan<int>();
    goro::go([ping] {
      ping.recv();
      ping.recv();
    });
    const auto waits = [] { return dump().find("[chan receive") != std::string::npos; };
    ASSERT_TRUE(eventually(waits));
    EXPECT_THAT(dump(), Not(HasSubstr(" minutes")));
    backdate_waits(59 * goro::runtime::second);
    EXPECT_THAT(dump(), Not(HasSubstr(" minutes")));
    backdate_waits(61 * goro::runtime::second);
    EXPECT_THAT(dump(), HasSubstr("[chan receive, 1 minutes]:\n"));
    backdate_waits(3600 * goro::runtime::second);
    EXPECT_THAT(dump(), HasSubstr("[chan receive, 60 minutes]:\n"));
    ping << 1;
    ASSERT_TRUE(eventually(waits));
    EXPECT_THAT(dump(), Not(HasSubstr(" minutes")));
    ping << 2;
  });
}

}  // namespace
