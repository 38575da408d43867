// SPDX-License-Identifier: BSL-1.0
// Bursts of goroutines and of pending calls come and go while their memory goes back to the kernel and is taken again:
// what is written on a stack, or captured in a control block or a pending call, is still there however long that waits
// beside them.
#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <thread>
#include <vector>

#include "stress.hpp"

namespace {

using namespace std::chrono_literals;

/// Fills some of its stack, waits, and looks.
[[gnu::noinline]] void keep(std::uint32_t mark, const goro::chan<void>& gate) {
  std::array<volatile std::uint32_t, 200> words;
  for (auto& word : words) word = mark;
  gate.recv();
  for (const auto& word : words) STRESS_CHECK(word == mark);
}

class crowd {
 public:
  void come(int n, stress::choices& pick) {
    for (int i = 0; i < n; ++i) {
      const auto mark = static_cast<std::uint32_t>(pick.between(0, 1 << 30));
      const std::array<std::uint32_t, 8> captured{mark, mark, mark, mark, mark, mark, mark, mark};
      group_.go([gate = gate_, captured, kept = stress::counted()] {
        keep(captured.front(), gate);
        for (const std::uint32_t word : captured) STRESS_CHECK(word == captured.front());
      });
    }
  }
  void leave() {
    gate_.close();
    group_.wait();
  }

 private:
  goro::chan<void> gate_ = goro::make_chan<void>();
  goro::wait_group group_;
};

/// Calls that are stopped, or run, when they leave.
class appointments {
 public:
  void come(int n, stress::choices& pick) {
    for (int i = 0; i < n; ++i) {
      const auto mark = static_cast<std::uint32_t>(pick.between(0, 1 << 30));
      timers_.push_back(goro::after_func(1h, [this, mark, again = ~mark] {
        STRESS_CHECK(mark == ~again);
        to_run_.done();
      }));
    }
  }
  void leave(stress::choices& pick) {
    for (auto& timer : timers_) {
      if (pick.one_in(2)) {
        STRESS_CHECK(timer.stop());
      } else {
        to_run_.add();
        STRESS_CHECK(timer.reset(0s));
      }
    }
    timers_.clear();
    to_run_.wait();
  }

 private:
  std::vector<goro::timer> timers_;
  goro::wait_group to_run_;
};

constexpr int most_waves = GORO_TSAN != 0 ? 30 : 150;  // ThreadSanitizer has room for 8000 goroutines

// The monitor gives back what nobody has needed between two looks, half a second apart: for so long little is going on.
void tide(stress::choices& pick) {
  crowd stay;
  appointments kept;
  {
    crowd burst;
    appointments dropped;
    for (int i = pick.between(1, most_waves); i > 0; --i) {
      burst.come(pick.between(0, 150), pick);
      stay.come(pick.between(0, 4), pick);
      dropped.come(pick.between(0, 300), pick);
      kept.come(pick.between(0, 4), pick);
    }
    burst.leave();
    if (pick.one_in(2)) {
      goro::blocking([&] { std::thread([&] { dropped.leave(pick); }).join(); });
    } else {
      dropped.leave(pick);
    }
  }
  const auto ebb = std::chrono::milliseconds(pick.between(500, 1500));
  for (const auto start = std::chrono::steady_clock::now(); std::chrono::steady_clock::now() - start < ebb;) {
    crowd few;
    few.come(pick.between(0, pick.one_in(20) ? 1000 : 20), pick);
    if (pick.one_in(2)) goro::sleep(std::chrono::microseconds(pick.between(0, 20'000)));
    few.leave();
    appointments soon;
    soon.come(pick.between(0, 20), pick);
    soon.leave(pick);
  }
  crowd flood;
  flood.come(pick.between(0, 100 * most_waves), pick);
  flood.leave();
  stay.leave();
  kept.leave(pick);
}

}  // namespace

int main(int argc, char** argv) { return stress::main("memory", argc, argv, tide); }
