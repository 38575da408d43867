// SPDX-License-Identifier: BSL-1.0
// Actors that are asked and told from all sides, that fail and begin anew, and that are stopped in the midst of it: each
// function runs alone, is called once or dropped, and nobody is left waiting.
#include <goro/actor.hpp>

#include <atomic>
#include <cstdint>
#include <stdexcept>
#include <thread>
#include <vector>

#include "stress.hpp"

namespace {

struct state {
  stress::counted alive;
  std::int64_t calls = 0;
};

struct tally {
  std::atomic<std::uint64_t> ran{0};
  std::atomic<std::uint64_t> failed{0};
  std::atomic<std::uint64_t> refused{0};
};

void ask_and_tell(stress::choices pick, goro::actor<state>& actor, tally& sum, std::atomic<int>& inside) {
  for (int i = pick.between(1, 100); i > 0; --i) {
    const bool fails = pick.one_in(10);
    const bool yields = pick.one_in(5);
    const auto f = [&sum, &inside, fails, yields, alive = stress::counted()](state& s) {
      STRESS_CHECK(++inside == 1);
      if (yields) goro::gosched();
      ++s.calls;
      --inside;
      ++(fails ? sum.failed : sum.ran);
      if (fails) throw std::runtime_error("fails");
      return s.calls;
    };
    switch (pick.between(0, 2)) {
      case 0:
        try {
          STRESS_CHECK(actor.ask(f) > 0);
          STRESS_CHECK(!fails);
        } catch (const goro::actor_stopped&) {
          ++sum.refused;
        } catch (const std::runtime_error&) {
          STRESS_CHECK(fails);
        }
        break;
      case 1: static_cast<void>(actor.tell(f)); break;
      default: static_cast<void>(actor.try_tell(f)); break;
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("actor", argc, argv, [](stress::choices& pick) {
    tally sum;
    std::atomic<int> inside{0};
    std::atomic<std::uint64_t> reported{0};
    {
      goro::actor<state> actor(goro::actor_options{
          .mailbox = static_cast<std::size_t>(pick.between(1, 8)),
          .on_exception = pick.one_in(3) ? goro::supervision::stop : goro::supervision::restart,
          .failed = [&](const std::exception_ptr&) { ++reported; },
      });
      goro::wait_group group;
      for (int g = pick.between(1, 6); g > 0; --g)
        group.go([&, p = pick.fork()] { ask_and_tell(p, actor, sum, inside); });
      std::vector<std::thread> threads;
      for (int t = pick.between(0, 2); t > 0; --t)
        threads.emplace_back([&, p = pick.fork()] { ask_and_tell(p, actor, sum, inside); });
      if (pick.one_in(3)) {
        goro::sleep(std::chrono::microseconds(pick.between(0, 500)));
        actor.stop();
      }
      group.wait();
      goro::blocking([&] {
        for (auto& t : threads) t.join();
      });
      actor.stop();
      const auto s = actor.stats();
      STRESS_CHECK(s.waiting == 0);
      STRESS_CHECK(s.handled == sum.ran);
      STRESS_CHECK(s.failed == sum.failed);
      STRESS_CHECK(reported == sum.failed);
    }
  });
}
