// SPDX-License-Identifier: BSL-1.0
#include <malloc.h>

#include <algorithm>
#include <boost/fiber/algo/work_stealing.hpp>
#include <boost/fiber/condition_variable.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/mutex.hpp>
#include <boost/fiber/operations.hpp>
#include <boost/version.hpp>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/program.hpp"
#include "rows.hpp"

namespace {

namespace fibers = boost::fibers;

// Whether a thread without work waits until it is woken, instead of looking for some all the time. Nobody wakes it for
// what another thread has made ready, so fork-join would stay on one thread; where fibers take turns, the looking makes
// them several times slower.
bool idle_threads_wait(const row& chosen) {
  return std::ranges::none_of(fork_join_rows(), [&](const row& one) { return one.name == chosen.name; });
}

// As in the scheduling chapter of its documentation: in each thread a work_stealing scheduler, and the main fibers of
// the others wait until the work is done.
void with_threads(int count, bool wait, const std::function<void()>& work) {
  const auto threads = static_cast<std::uint32_t>(count);
  fibers::mutex mu;
  fibers::condition_variable finished;
  bool done = false;
  std::vector<std::thread> others;
  for (int i = 1; i < count; ++i) {
    others.emplace_back([&, threads, wait] {
      fibers::use_scheduling_algorithm<fibers::algo::work_stealing>(threads, wait);
      std::unique_lock lock(mu);
      finished.wait(lock, [&] { return done; });
    });
  }
  fibers::use_scheduling_algorithm<fibers::algo::work_stealing>(threads, wait);
  fibers::fiber(work).join();  // a main fiber cannot be stolen
  {
    const std::lock_guard lock(mu);
    done = true;
  }
  finished.notify_all();
  for (std::thread& thread : others) thread.join();
}

// Stacks come from malloc, which gives blocks of that size back to the kernel one by one unless told to keep them; the
// tuning chapter recommends another malloc. The library's pooled stacks are no faster, and only for one thread.
void keep_memory() {
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, -1);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string version = std::to_string(BOOST_VERSION / 100'000) + '.' +
                              std::to_string(BOOST_VERSION / 100 % 1000) + '.' + std::to_string(BOOST_VERSION % 100);
  const program self{
      .name = "boost_compare",
      .version = version,
      .rows = {fiber_rows(), channel_rows(), program_rows(), sync_rows(), fork_join_rows()},
      .with_procs =
          [](const row& chosen, int procs, const auto& work) {
            keep_memory();
            if (procs == 1) {
              work();  // with the default scheduler, round_robin
            } else {
              with_threads(procs, idle_threads_wait(chosen), work);
            }
          },
  };
  return run_program(self, argc, argv);
}
