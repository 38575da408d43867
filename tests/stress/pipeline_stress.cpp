// SPDX-License-Identifier: BSL-1.0
// Pipelines of random stages that end in random ways: no element is lost while it is wanted, nothing hangs, nothing is left.
#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

#include <goro/pipeline.hpp>

#include "stress.hpp"

namespace {

namespace gp = goro::pipeline;

struct broken {};

/// A number whose loss would be noticed: counted by the frame.
struct item : stress::counted {
  explicit item(int number) : n(number) {}
  int n;
};

using items = gp::source<item>;

/// Something to happen in a stage, at random: mostly nothing.
class trouble {
 public:
  trouble(stress::choices& pick, bool may_fail)
      : pick_(std::make_shared<shared>(pick.fork())), one_in_(may_fail && pick.one_in(6) ? pick.between(1, 2000) : 0) {}

  void operator()(bool may_exit = true) const {
    int what;
    int pause;
    {
      const std::lock_guard lock(pick_->mu);
      what = one_in_ != 0 && pick_->pick.one_in(one_in_) ? pick_->pick.between(1, 2) : 0;
      pause = pick_->pick.one_in(100) ? pick_->pick.between(1, 3) : 0;
    }
    if (what == 1) throw broken();
    if (what == 2 && may_exit) goro::goexit();
    if (pause == 1) goro::gosched();
    if (pause == 2) goro::sleep(std::chrono::microseconds(20));
    if (pause == 3) stress::spin_for(std::chrono::microseconds(5));
  }

 private:
  struct shared {
    explicit shared(stress::choices c) : pick(std::move(c)) {}
    goro::mutex mu;
    stress::choices pick;  // guarded by mu
  };
  std::shared_ptr<shared> pick_;
  int one_in_;
};

items numbers(stress::choices& pick, int n, bool may_fail) {
  switch (pick.between(0, 3)) {
    case 0: {
      std::vector<item> all;
      for (int i = 0; i < n; ++i) all.emplace_back(i);
      return gp::from(std::move(all));
    }
    case 1: {
      auto ch = goro::make_chan<item>(n);
      for (int i = 0; i < n; ++i) ch.send(item(i));
      ch.close();
      return gp::from(ch);
    }
    default:
      return gp::generate([i = 0, n, t = trouble(pick, may_fail)]() mutable {
        t();
        return i < n ? std::optional<item>(std::in_place, i++) : std::nullopt;
      });
  }
}

items one_more(stress::choices& pick, items from, bool may_fail) {
  const trouble t(pick, may_fail);
  const auto pass = [t](item x) {
    t();
    return x;
  };
  const auto look = [t](const item&) {
    t();
    return true;
  };
  switch (pick.between(0, 8)) {
    case 0: return std::move(from) | gp::map(pass);
    case 1: return std::move(from) | gp::filter(look);
    case 2: return std::move(from) | gp::fan_out(gp::ordered, pick.between(1, 5), pass);
    case 3: return std::move(from) | gp::tee(look);
    case 4: return std::move(from) | gp::tee(gp::take(pick.between(0, 200)) | gp::for_each(pass));
    case 5: return std::move(from) | gp::tee(gp::fan_out(pick.between(1, 3), pass) | gp::count());
    case 6: return std::move(from) | gp::take_while(look);
    case 7: return std::move(from) | gp::take(100'000);
    default: return std::move(from) | gp::buffered(pick.between(0, 10));
  }
}

items some(stress::choices& pick, int n, bool may_fail) {
  items made = numbers(pick, n, may_fail);
  for (int i = pick.between(0, 5); i > 0; --i) made = one_more(pick, std::move(made), may_fail);
  return made;
}

/// Checks that it gets 0, 1, 2, ...
auto in_order(int& next) {
  return gp::for_each([&next](const item& x) { STRESS_CHECK(x.n == next++); });
}

void all_come_in_order(stress::choices& pick) {
  const int n = pick.between(0, 2000);
  int seen = 0;
  int also_seen = 0;
  if (pick.one_in(2)) {
    some(pick, n, false) | in_order(seen);
  } else {
    const auto [first, count, second] =
        some(pick, n, false) | gp::broadcast(in_order(seen), gp::count(), in_order(also_seen));
    STRESS_CHECK(static_cast<int>(count) == n);
    STRESS_CHECK(also_seen == n);
  }
  STRESS_CHECK(seen == n);
}

void all_come_in_any_order(stress::choices& pick) {
  const int n = pick.between(0, 1000);
  const int sources = pick.between(1, 4);
  std::vector<items> each;
  for (int i = 0; i < sources; ++i) each.push_back(some(pick, n, false));
  const auto sum = gp::merge(std::move(each)) | gp::fan_out(pick.between(1, 4), [](item x) { return x; }) |
                   gp::fold(std::int64_t{0}, [](std::int64_t a, const item& x) { return a + x.n; });
  STRESS_CHECK(sum == std::int64_t{sources} * n * (n - 1) / 2);
}

void enough_is_enough(stress::choices& pick) {
  const int n = pick.between(0, 500);
  int seen = 0;
  switch (pick.between(0, 2)) {
    case 0: some(pick, 10'000, false) | gp::take(n) | in_order(seen); break;
    case 1:
      if (n == 0) return;
      for (const item& x : some(pick, 10'000, false)) {
        STRESS_CHECK(x.n == seen);
        if (++seen == n) break;
      }
      break;
    default: {
      auto open = goro::make_chan<item>(n);  // nobody ever sends more, nor closes it
      for (int i = 0; i < n; ++i) open.send(item(i));
      const auto [a, b] = gp::from(open) | gp::broadcast(gp::take(n) | in_order(seen), gp::take(n / 2) | gp::count());
      STRESS_CHECK(static_cast<int>(b) == n / 2);
    }
  }
  STRESS_CHECK(seen == n);
}

/// Exceptions, goexit and contexts, from within and from elsewhere.
void it_ends_somehow(stress::choices& pick) {
  auto [ctx, cancel] = pick.one_in(2) ? goro::context::with_cancel(goro::context::background())
                                      : goro::context::with_timeout(goro::context::background(),
                                                                    std::chrono::microseconds(pick.between(0, 2000)));
  std::thread canceller;
  if (pick.one_in(4))
    canceller = std::thread([stop = cancel, us = pick.between(0, 500)] {
      stress::spin_for(std::chrono::microseconds(us));
      stop();
    });
  const int n = pick.between(0, 3000);
  const trouble t(pick, true);
  int seen = 0;
  try {
    switch (pick.between(0, 2)) {
      case 0:
        for (const item& x : some(pick, n, true) | gp::pull(ctx)) {
          STRESS_CHECK(x.n == seen++);
          t(false);
        }
        break;
      case 1:
        std::ignore = some(pick, n, true) | gp::broadcast(ctx, in_order(seen), gp::for_each([t](const item&) { t(); }),
                                                          gp::take(pick.between(0, 50)) | gp::count());
        break;
      default:
        some(pick, n, true) | gp::for_each(ctx, [&](const item& x) {
          STRESS_CHECK(x.n == seen++);
          t(false);
        });
    }
    STRESS_CHECK(seen == n);
  } catch (const broken&) {
  } catch (const std::system_error& e) {
    STRESS_CHECK(e.code() == ctx.err());
  } catch (const goro::panic& p) {
    STRESS_CHECK(std::string_view(p.what()) == "goro::pipeline: a stage called goexit: there is no result");
  }
  if (canceller.joinable()) goro::blocking([&] { canceller.join(); });
}

/// A pipeline of a few elements is cancelled while the last one is on its way through it.
void the_last_one_is_not_lost(stress::choices& pick) {
  for (int round = 0; round < 100; ++round) {
    auto [ctx, cancel] = goro::context::with_cancel(goro::context::background());
    const int n = pick.between(1, 2);
    std::vector<item> few;
    for (int i = 0; i < n; ++i) few.emplace_back(i);
    goro::go([stop = cancel, us = pick.between(0, 30)] {
      stress::spin_for(std::chrono::microseconds(us));
      stop();
    });
    int seen = 0;
    int also_seen = 0;
    try {
      if (pick.one_in(2)) {
        std::ignore = gp::from(std::move(few)) | gp::broadcast(ctx, in_order(seen), in_order(also_seen));
      } else {
        gp::from(std::move(few)) | gp::tee(in_order(also_seen)) |
            gp::for_each(ctx, [&](const item& x) { STRESS_CHECK(x.n == seen++); });
      }
    } catch (const std::system_error& e) {
      STRESS_CHECK(e.code() == ctx.err());
      continue;
    }
    STRESS_CHECK(seen == n);
    STRESS_CHECK(also_seen == n);
  }
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("pipeline", argc, argv, [](stress::choices& pick) {
    switch (pick.between(0, 5)) {
      case 0: return all_come_in_order(pick);
      case 1: return all_come_in_any_order(pick);
      case 2: return enough_is_enough(pick);
      case 3: return the_last_one_is_not_lost(pick);
      default: return it_ends_somehow(pick);
    }
  });
}
