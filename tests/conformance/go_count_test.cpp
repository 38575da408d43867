// SPDX-License-Identifier: BSL-1.0
// The number of goroutines, against the headers of a full dump, in a fresh process.
#include <goro/debug.hpp>
#include <goro/goro.hpp>

#include <cstdio>
#include <sstream>
#include <string>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

int headers_in_dump() {
  std::ostringstream out;
  goro::debug::dump(out);
  std::istringstream lines(out.str());
  int headers = 0;
  for (std::string line; std::getline(lines, line);) headers += line.starts_with("goroutine ");
  return headers;
}

GORO_CHILD(count_goroutines) {
  return goro::run([] {
    std::printf("%zu %d\n", goro::num_goroutine(), headers_in_dump());

    auto gate = goro::make_chan<void>();
    goro::wait_group ready, done;
    ready.add(10);
    for (int i = 0; i < 10; ++i) {
      done.go([&, gate] {
        ready.done();
        gate.recv();
      });
    }
    ready.wait();
    std::printf("%zu %d\n", goro::num_goroutine(), headers_in_dump());
    gate.close();
    done.wait();
    while (goro::num_goroutine() != 1) goro::gosched();
    std::printf("%zu %d\n", goro::num_goroutine(), headers_in_dump());
    return 0;
  });
}

struct GoCount : testing::TestWithParam<int> {};
GORO_ON_PROCS(GoCount);

TEST_P(GoCount, GO14_AFreshProgramHasOneGoroutineAndTheCountEqualsTheHeadersOfADump) {
  const auto child = run_child("count_goroutines", {}, {.env = {{"GORO_MAXPROCS", std::to_string(GetParam())}}});
  EXPECT_EQ(child.exit_status, 0) << child.err;
  EXPECT_EQ(child.out, "1 1\n11 11\n1 1\n");
}

}  // namespace
