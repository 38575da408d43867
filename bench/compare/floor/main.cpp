// SPDX-License-Identifier: BSL-1.0
// The floor under a row: what the machine takes for what the row cannot do without, and nothing else.
#include <atomic>

#include "common/program.hpp"

namespace {

// A lock that others may wait for. Whoever gives it back has to learn in the same step whether somebody does: with a plain
// store and a look afterwards it would look at a lock that its next owner may have destroyed.
void two_locked_instructions(int n) {
  std::atomic<std::uint32_t> lock{0};
  for (int i = 0; i < n; ++i) {
    std::uint32_t free = 0;
    while (!lock.compare_exchange_weak(free, 1, std::memory_order_acquire, std::memory_order_relaxed)) free = 0;
    last_result = last_result + 1;
    if (lock.fetch_sub(1, std::memory_order_release) != 1) fail("lock: somebody waits");
  }
}

// A lock that nobody waits for other than by looking at it, for a send and for a receive.
void two_locks(int n) {
  std::atomic<std::uint32_t> lock{0};
  for (int i = 0; i < 2 * n; ++i) {
    std::uint32_t free = 0;
    while (!lock.compare_exchange_weak(free, 1, std::memory_order_acquire, std::memory_order_relaxed)) free = 0;
    last_result = last_result + 1;
    lock.store(0, std::memory_order_release);
  }
}

// Readers are counted.
void count_in_and_out(int n) {
  std::atomic<std::uint32_t> readers{0};
  for (int i = 0; i < n; ++i) {
    if (readers.fetch_add(1, std::memory_order_acquire) != 0) fail("readers: somebody is there");
    last_result = last_result + 1;
    if (readers.fetch_sub(1, std::memory_order_release) != 1) fail("readers: somebody waits");
  }
}

constexpr row rows[] = {
    {"send_receive_128", "ns", [](int n) { return per_op(n, two_locks); }},
    {"mutex_uncontended", "ns", [](int n) { return per_op(n, two_locked_instructions); }},
    {"mutex_64", "ns", [](int n) { return per_op(n, two_locked_instructions); }},
    {"rw_mutex_read", "ns", [](int n) { return per_op(n, count_in_and_out); }},
};

}  // namespace

int main(int argc, char** argv) {
  const program self{
      .name = "floor_compare",
      .version = compiler,
      .rows = {rows},
      .with_procs = [](const row&, int, const auto& work) { work(); },
  };
  return run_program(self, argc, argv);
}
