// SPDX-License-Identifier: BSL-1.0
// Memory that runs out while stacks are made: said in words, with the size that could not be had.
#include <goro/goro.hpp>

#include <atomic>
#include <fstream>
#include <string>

#include <sys/resource.h>
#include <unistd.h>

#include "last_words.hpp"

namespace {

struct OutOfMemory : misuse_on_procs {};
GORO_ON_PROCS(OutOfMemory);

using testing::ContainsRegex;
using testing::HasSubstr;

/// Leaves room for `more` bytes of address space beyond what is mapped now.
void limit_address_space(std::size_t more) {
  std::size_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  const rlim_t limit = pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE)) + more;
  const rlimit both{limit, limit};
  setrlimit(RLIMIT_AS, &both);
}

/// One goroutine on each processor: then all threads are there, and none has to be made when memory is short.
void occupy_all_processors() {
  std::atomic<int> arrived{0};
  goro::wait_group group;
  for (int i = goro::gomaxprocs(); i > 0; --i)
    group.go([&] {
      for (++arrived; arrived != goro::gomaxprocs();) {
      }
    });
  group.wait();
}

GORO_CHILD(many_stacks) {
  return goro::run([] {
    occupy_all_processors();
    // ThreadSanitizer dies if its own allocator is refused memory: there the one that is refused has to be a stack.
    constexpr std::size_t each = GORO_TSAN ? std::size_t{128} << 20 : 0;
    limit_address_space(std::size_t{300} << 20);
    for (int i = 0; i < 100'000; ++i) {
      goro::go({.stack_size = each}, [] { goro::select(); });
      goro::gosched();
    }
  });
}

GORO_CHILD(one_large_stack) {
  return goro::run([] {
    occupy_all_processors();
    limit_address_space(std::size_t{200} << 20);
    goro::go({.stack_size = std::size_t{1} << 30}, [] {});
    goro::select();
  });
}

TEST_P(OutOfMemory, ForAStackEndsWithTheSizeAndWhatToDo) {
  for (const char* how : {"many_stacks", "one_large_stack"}) {
    const auto child = run_here(how);
    expect_last_words(child, "fatal error: out of memory: no stack of ");
    EXPECT_THAT(child.err, ContainsRegex("no stack of [0-9]+ bytes for goroutine [0-9]+\n"));
    EXPECT_THAT(child.err, HasSubstr("stack_size"));
    EXPECT_THAT(child.err, HasSubstr("created by "));
  }
}

}  // namespace
