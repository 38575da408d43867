// SPDX-License-Identifier: BSL-1.0
#include "os/memory.hpp"

#include <cstddef>

#include <fcntl.h>
#include <unistd.h>

#include "goro_test.hpp"

namespace {

using goro::runtime::guards_result;
using goro::runtime::install_guards;
using goro::runtime::page_size;

/// Asks the kernel to read from there.
bool may_be_read(const std::byte* at) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return false;
  const bool read = ::write(ends[1], at, 1) == 1;
  ::close(ends[0]);
  ::close(ends[1]);
  return read;
}

TEST(Guards, FaultAtEachOfTheDistancesAndNowhereElse) {
  constexpr std::size_t distance = 8 * page_size;
  constexpr std::size_t guard = 2 * page_size;
  for (const std::size_t n : {1U, 2U, 15U, 16U, 17U, 40U}) {
    auto* const start = static_cast<std::byte*>(goro::runtime::reserve(n * distance, page_size));
    ASSERT_NE(start, nullptr);
    const guards_result result = install_guards(start, guard, distance, n);
    EXPECT_EQ(result.installed, n);
    for (std::size_t at = 0; at < n * distance; at += page_size)
      ASSERT_EQ(may_be_read(start + at), at % distance >= guard) << n << " guards, page " << at / page_size;
    goro::runtime::release(start, n * distance);
  }
}

TEST(Guards, StayWhenThePagesAroundThemGo) {
  constexpr std::size_t distance = 8 * page_size;
  auto* const start = static_cast<std::byte*>(goro::runtime::reserve(4 * distance, page_size));
  ASSERT_NE(start, nullptr);
  ASSERT_EQ(install_guards(start, page_size, distance, 4).installed, 4u);
  goro::runtime::decommit(start, 4 * distance);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_FALSE(may_be_read(start + i * distance));
    EXPECT_TRUE(may_be_read(start + i * distance + page_size));
  }
  goro::runtime::release(start, 4 * distance);
}

}  // namespace
