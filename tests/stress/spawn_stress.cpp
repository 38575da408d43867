// SPDX-License-Identifier: BSL-1.0
// Goroutines that start goroutines and end in every way there is: each runs once, and what it captured is destroyed.
#include <array>
#include <atomic>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>

#include "stress.hpp"

namespace {

std::atomic<int> unwound{0};

void end_in_some_way(stress::choices& pick) {
  const stress::counted on_stack;
  goro::defer count{[] { ++unwound; }};
  switch (pick.between(0, 4)) {
    case 0: goro::goexit();
    case 1: goro::gosched(); goro::goexit();
    case 2: try { throw std::runtime_error("1");
      } catch (const std::runtime_error& outer) {
        goro::gosched();
        try {
          throw std::logic_error("2");
        } catch (const std::logic_error& inner) {
          goro::gosched();
          STRESS_CHECK(std::string(inner.what()) == "2");
        }
        STRESS_CHECK(std::string(outer.what()) == "1");
      }
      break;
    case 3: try { goro::goexit();
      } catch (...) {
        goro::gosched();
        throw;
      }
    default: break;
  }
  STRESS_CHECK(std::uncaught_exceptions() == 0);
}

struct tree {
  goro::wait_group all;
  std::atomic<int> started{0};
};

void grow(tree& t, int depth, stress::choices pick) {
  ++t.started;
  for (int i = depth == 0 ? 0 : pick.between(0, 4); i > 0; --i) {
    t.all.go([&t, depth, p = pick.fork(), kept = stress::counted(), big = std::array<stress::counted, 40>()] {
      grow(t, depth - 1, p);
    });
  }
  if (pick.one_in(10)) goro::sleep(std::chrono::microseconds(pick.between(0, 100)));
  end_in_some_way(pick);
}

void forest(stress::choices& pick) {
  unwound = 0;
  tree t;
  t.all.go([&t, p = pick.fork()] { grow(t, 5, p); });
  t.all.wait();
  STRESS_CHECK(t.started == unwound);
}

[[gnu::noinline]] int use_stack(int depth) {
  std::array<volatile int, 100> frame;
  for (auto& word : frame) word = depth;
  return depth == 0 ? 0 : use_stack(depth - 1) + frame[99] - depth;
}

void stacks_of_all_sizes(stress::choices& pick) {
  goro::wait_group wg;
  for (int i = pick.between(1, 60); i > 0; --i) {
    const std::size_t size = std::size_t{64 * 1024} << pick.between(0, 5);
    const int depth = static_cast<int>(size / 4096);
    wg.add();
    goro::go({.name = pick.one_in(2) ? "deep" : "", .stack_size = size}, [&wg, depth, kept = stress::counted()] {
      goro::defer done{[&] { wg.done(); }};
      STRESS_CHECK(use_stack(depth) == 0);
      goro::gosched();
      STRESS_CHECK(use_stack(depth) == 0);
    });
  }
  wg.wait();
}

void crowd(stress::choices& pick) {
  auto gate = goro::make_chan<void>();
  goro::wait_group wg;
  std::atomic<int> passed{0};
  const int n = pick.between(1, 3000);
  for (int i = 0; i < n; ++i) {
    wg.go([&, gate] {
      gate.recv();
      ++passed;
    });
  }
  gate.close();
  wg.wait();
  STRESS_CHECK(passed == n);
}

goro::goroutine_local<int> own_number;

void locals(stress::choices& pick) {
  goro::wait_group wg;
  for (int i = 1; i <= 50; ++i) {
    wg.go([i, p = pick.fork()]() mutable {
      STRESS_CHECK(*own_number == 0);
      *own_number = i;
      for (int turn = p.between(1, 20); turn > 0; --turn) {
        goro::gosched();
        STRESS_CHECK(*own_number == i);
      }
    });
  }
  wg.wait();
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("spawn", argc, argv, [](stress::choices& pick) {
    switch (pick.between(0, 3)) {
      case 0: return forest(pick);
      case 1: return stacks_of_all_sizes(pick);
      case 2: return crowd(pick);
      default: return locals(pick);
    }
  });
}
