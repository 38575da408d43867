// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstdint>
#include <exception>
#include <ostream>
#include <string>
#include <system_error>

#include <goro/chan.hpp>
#include <goro/worker_pool.hpp>

#include "goro_test.hpp"

/// Where tasks wait until the test lets them go on.
class gate {
 public:
  void wait() const {
    ++visitors_;
    static_cast<void>(open_.recv());
  }
  /// Until that many tasks have come.
  void wait_for_visitors(int n) const {
    EXPECT_TRUE(eventually([&] { return visitors_ >= n; }));
  }
  void open() { open_.close(); }

 private:
  const goro::chan<void> open_ = goro::make_chan<void>();
  mutable std::atomic<int> visitors_{0};
};

inline std::string what_of(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  }
}

/// What a future throws; "nothing" if it has a result.
template <class T>
std::string what_of(goro::future<T>& future) {
  try {
    static_cast<void>(future.get());
  } catch (const std::exception& e) {
    return e.what();
  }
  return "nothing";
}

/// The code of the std::system_error that f throws; none if it returns.
template <class F>
std::error_code code_of(F f) {
  try {
    static_cast<void>(f());
  } catch (const std::system_error& e) {
    return e.code();
  }
  return {};
}

struct ends_of_tasks {
  std::uint64_t done = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t refused = 0;
  friend bool operator==(const ends_of_tasks&, const ends_of_tasks&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ends_of_tasks& e) {
    return out << e.done << " done, " << e.failed << " failed, " << e.cancelled << " cancelled, " << e.refused
               << " refused";
  }
};

/// All tasks have ended, as many in each way.
inline void expect_account(const goro::worker_pool_stats& s, const ends_of_tasks& expected) {
  EXPECT_EQ((ends_of_tasks{s.done, s.failed, s.cancelled, s.refused}), expected);
  EXPECT_EQ(s.submitted, s.done + s.failed + s.cancelled + s.refused);
  EXPECT_EQ(s.queued, 0u);
  EXPECT_EQ(s.running, 0u);
}
