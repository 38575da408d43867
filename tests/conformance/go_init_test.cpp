// SPDX-License-Identifier: BSL-1.0
// Goroutines before main: what a static initialiser may do, in a child process that is told to do it.
#include <gmock/gmock.h>

#include <goro/goro.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "child.hpp"
#include "goro_test.hpp"

namespace {

using namespace std::chrono_literals;

std::string_view asked_of_initialiser() {
  const char* const asked = std::getenv("GORO_TEST_BEFORE_MAIN");
  return asked == nullptr ? "" : asked;
}

int sum_by_goroutines() {
  auto numbers = goro::make_chan<int>();
  goro::go([=] {
    for (int i = 1; i <= 10; ++i) numbers << i;
    numbers.close();
  });
  int sum = 0;
  for (int n : numbers) sum += n;
  return sum;
}

/// A connection that is refused: the port was bound for a moment, and nobody listens.
bool dial_is_refused() {
  const int unused = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(unused, any, length) != 0 || getsockname(unused, any, &length) != 0) return false;
  const int dialling = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool refused = goro::blocking([&] { return connect(dialling, any, length) != 0; });
  close(dialling);
  close(unused);
  return refused;
}

const int before_main = [] {
  if (asked_of_initialiser() == "sum") return sum_by_goroutines();
  if (asked_of_initialiser() == "deadlock") goro::select();
  if (asked_of_initialiser() == "dial") return dial_is_refused() ? 1 : 0;
  return 0;
}();

GORO_CHILD(print_before_main) {
  std::printf("%d\n", before_main);
  return 0;
}

GORO_CHILD(wait_for_a_timer_after_the_dial) {
  return goro::run([] {
    auto done = goro::make_chan<void>();
    goro::after_func(50ms, [=] { done.close(); });
    done.recv();
    std::printf("refused %d, done\n", before_main);
    return 0;
  });
}

struct GoInit : testing::TestWithParam<int> {
  static child_result run_before_main(const std::string& child, const std::string& what) {
    return run_child(child, {},
                     {.env = {{"GORO_TEST_BEFORE_MAIN", what}, {"GORO_MAXPROCS", std::to_string(GetParam())}}});
  }
};
GORO_ON_PROCS(GoInit);

TEST_P(GoInit, GO02_GoroutinesWorkInAStaticInitialiser) {
  const auto child = run_before_main("print_before_main", "sum");
  EXPECT_EQ(child.exit_status, 0) << child.err;
  EXPECT_EQ(child.out, "55\n");
}

TEST_P(GoInit, PD02_ADeadlockBeforeMainIsReported) {
  const auto child = run_before_main("print_before_main", "deadlock");
  EXPECT_EQ(child.exit_status, 2);
  EXPECT_THAT(child.err, testing::StartsWith("fatal error: all goroutines are asleep - deadlock!\n"));
  EXPECT_EQ(child.out, "");
}

TEST_P(GoInit, PD11_AFailedDialBeforeMainCausesNoFalseDeadlock) {
  const auto child = run_before_main("wait_for_a_timer_after_the_dial", "dial");
  EXPECT_EQ(child.exit_status, 0) << child.err;
  EXPECT_EQ(child.out, "refused 1, done\n");
}

}  // namespace
