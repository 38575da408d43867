// SPDX-License-Identifier: BSL-1.0
#include "time/timer_heap.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <vector>

#include "goro_test.hpp"
#include "sched/scheduler.hpp"

namespace {

using goro::runtime::goroutine;
using goro::runtime::goroutine_list;
using goro::runtime::never;
using goro::runtime::runtime_call;
using goro::runtime::timer_heap;

struct recorded : goro::runtime::timer {
  recorded() : timer(fire_it) {}
  static void fire_it(timer* t, std::int64_t, goroutine_list&) {
    auto* const self = static_cast<recorded*>(t);
    ++self->fired;
    self->fired_for = self->period == 0 ? self->when : self->when - self->period;
    if (self->period == 0) self->heap.store(nullptr);
  }
  int fired = 0;
  std::int64_t fired_for = 0;
};

/// Goroutines that sleep, as far as a heap sees of them.
class sleepers {
 public:
  explicit sleepers(std::size_t n) : all_(n) {
    for (goroutine& g : all_) ::new (&g.waits.alarm) goro::runtime::timer(goro::runtime::wake_sleeper);
  }
  [[nodiscard]] goroutine& at(std::size_t i) { return all_[i]; }
  [[nodiscard]] goro::runtime::timer& alarm(std::size_t i) { return all_[i].waits.alarm; }
  [[nodiscard]] std::size_t size() const { return all_.size(); }

 private:
  std::vector<goroutine> all_;
};

class TimerHeap : public leak_checked {
 protected:
  void add(recorded& t, std::int64_t when) {
    t.when = when;
    heap_.add(t);
  }
  bool remove(recorded& t) {
    const runtime_call call;
    return timer_heap::remove(call, t);
  }
  void run_due(std::int64_t now) {
    goroutine_list nobody;
    heap_.run_due(now, nobody);
  }
  void add(sleepers& all, std::size_t i, std::int64_t when) {
    all.alarm(i).when = when;
    heap_.add(all.alarm(i));
  }
  std::vector<goroutine*> woken_at(std::int64_t now) {
    goroutine_list woken;
    heap_.run_due(now, woken);
    std::vector<goroutine*> in_order;
    while (goroutine* const g = woken.pop_front()) in_order.push_back(g);
    return in_order;
  }

  timer_heap heap_;
};

TEST_F(TimerHeap, FiresWhatIsDueAndLeavesTheRest) {
  recorded a, b, c;
  add(b, 20);
  add(a, 10);
  add(c, 30);
  EXPECT_EQ(heap_.next_due(), 10);
  run_due(20);
  EXPECT_EQ(a.fired, 1);
  EXPECT_EQ(b.fired, 1);
  EXPECT_EQ(c.fired, 0);
  EXPECT_EQ(heap_.next_due(), 30);
  EXPECT_EQ(heap_.size(), 1u);
  EXPECT_TRUE(remove(c));
}

TEST_F(TimerHeap, CountsWhatHasFiredAndNothingElse) {
  recorded fires, cancelled, later, again;
  again.period = 10;
  add(fires, 10);
  add(cancelled, 10);
  add(later, 10);
  add(again, 10);
  EXPECT_TRUE(remove(cancelled));
  EXPECT_EQ(heap_.rearm(later, 100, 0), timer_heap::rearmed::later);
  run_due(10);
  EXPECT_EQ(heap_.fired(), 2);
  run_due(20);
  EXPECT_EQ(heap_.fired(), 3);
  EXPECT_TRUE(remove(again));
  EXPECT_TRUE(remove(later));
}

TEST_F(TimerHeap, ACancelledTimerNeverFiresAndMayBeFreedAtOnce) {
  recorded stays;
  add(stays, 1000);
  for (int i = 0; i < 300; ++i) {
    auto t = std::make_unique<recorded>();
    add(*t, i);
    EXPECT_TRUE(remove(*t));
    EXPECT_FALSE(remove(*t));
  }
  EXPECT_EQ(heap_.size(), 1u);
  run_due(999);
  EXPECT_EQ(stays.fired, 0);
  run_due(1000);
  EXPECT_EQ(stays.fired, 1);
  EXPECT_EQ(heap_.next_due(), never);
}

TEST_F(TimerHeap, WithoutTimersNothingIsDueWhateverWasCancelled) {
  recorded a, b;
  add(a, 10);
  add(b, 20);
  EXPECT_TRUE(remove(a));
  run_due(15);
  EXPECT_TRUE(remove(b));
  EXPECT_EQ(heap_.next_due(), never);
  EXPECT_EQ(heap_.size(), 0u);
}

TEST_F(TimerHeap, OneSetToALaterTimeFiresThenAndOnce) {
  recorded t, other;
  add(t, 10);
  add(other, 15);
  EXPECT_EQ(heap_.rearm(t, 20, 0), timer_heap::rearmed::later);
  run_due(12);
  EXPECT_EQ(t.fired, 0);
  EXPECT_EQ(heap_.next_due(), 15);
  run_due(30);
  EXPECT_EQ(t.fired, 1);
  EXPECT_EQ(t.fired_for, 20);
  EXPECT_EQ(heap_.rearm(t, 40, 0), timer_heap::rearmed::no);
}

TEST_F(TimerHeap, OneSetToAnEarlierTimeFiresThenAndOnce) {
  recorded t;
  add(t, 100);
  EXPECT_EQ(heap_.rearm(t, 5, 0), timer_heap::rearmed::earlier);
  EXPECT_EQ(heap_.next_due(), 5);
  run_due(5);
  EXPECT_EQ(t.fired, 1);
  run_due(1000);
  EXPECT_EQ(t.fired, 1);
}

TEST_F(TimerHeap, SleepersWakeInTheOrderOfTheirTimesWhateverIsCancelledBesideThem) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  sleepers all(1000);
  std::vector<recorded> timers(1000);
  for (std::size_t i = 0; i < all.size(); ++i) {
    add(all, i, static_cast<std::int64_t>(random() % 5000));
    add(timers[i], static_cast<std::int64_t>(random() % 5000));
  }
  std::size_t woken = 0;
  for (std::int64_t now = 0; now < 5000; now += static_cast<std::int64_t>(random() % 100)) {
    remove(timers[random() % timers.size()]);
    std::int64_t before = 0;
    for (const goroutine* const g : woken_at(now)) {
      ASSERT_LE(before, g->waits.alarm.when);
      ASSERT_LE(g->waits.alarm.when, now);
      ASSERT_EQ(g->waits.alarm.heap.load(), nullptr);
      before = g->waits.alarm.when;
      ++woken;
    }
    for (std::size_t i = 0; i < all.size(); ++i)
      ASSERT_EQ(all.alarm(i).heap.load() == nullptr, all.alarm(i).when <= now) << "sleeper " << i;
  }
  woken += woken_at(5000).size();
  EXPECT_EQ(woken, all.size());
  EXPECT_EQ(heap_.next_due(), never);
}

TEST_F(TimerHeap, SleepersMoveToAnotherHeapWithTheOtherTimers) {
  sleepers all(100);
  recorded t;
  for (std::size_t i = 0; i < all.size(); ++i) add(all, i, static_cast<std::int64_t>(i));
  add(t, 50);
  timer_heap other;
  heap_.move_to(other);
  EXPECT_EQ(heap_.next_due(), never);
  EXPECT_TRUE(woken_at(1000).empty());
  goroutine_list woken;
  other.run_due(1000, woken);
  EXPECT_EQ(woken.size, all.size());
  EXPECT_EQ(t.fired, 1);
}

TEST_F(TimerHeap, DropsTheSleepersAndTimersOfEarlierErasOnly) {
  sleepers all(300);
  std::vector<recorded> timers(300);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all.alarm(i).era = timers[i].era = static_cast<std::uint32_t>(i % 3);
    add(all, i, static_cast<std::int64_t>(i));
    add(timers[i], static_cast<std::int64_t>(i));
  }
  heap_.drop_before(2);
  EXPECT_EQ(heap_.size(), 200u);
  EXPECT_EQ(heap_.next_due(), 2);
  const std::vector<goroutine*> woken = woken_at(1000);
  EXPECT_EQ(woken.size(), 100u);
  for (const goroutine* const g : woken) EXPECT_EQ(g->waits.alarm.era, 2u);
  for (const recorded& t : timers) EXPECT_EQ(t.fired, t.era == 2 ? 1 : 0);
}

TEST_F(TimerHeap, DoesWhatAModelDoesUnderRandomUse) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::vector<recorded> timers(500);
  std::map<recorded*, std::int64_t> model;
  std::int64_t now = 0;
  for (int step = 0; step < 200'000; ++step) {
    recorded& t = timers[below(timers.size())];
    const std::int64_t when = now + static_cast<std::int64_t>(below(1000)) - 20;
    switch (below(4)) {
      case 0:
        if (!model.contains(&t)) {
          t.period = below(8) == 0 ? 1 + static_cast<std::int64_t>(below(50)) : 0;
          add(t, when);
          model[&t] = when;
        }
        break;
      case 1: ASSERT_EQ(remove(t), model.erase(&t) == 1); break;
      case 2:
        ASSERT_EQ(heap_.rearm(t, when, 0) != timer_heap::rearmed::no, model.contains(&t));
        if (model.contains(&t)) model[&t] = when;
        break;
      case 3: {
        std::set<recorded*> due;
        for (const auto& [of, at] : model)
          if (at <= now) due.insert(of);
        for (recorded& one : timers) one.fired = 0;
        run_due(now);
        for (recorded& one : timers) ASSERT_EQ(one.fired, due.contains(&one) ? 1 : 0);
        for (recorded* const one : due) {
          if (one->period == 0) {
            ASSERT_EQ(one->fired_for, model[one]);
            model.erase(one);
          } else {
            ASSERT_GT(one->when, now);
            model[one] = one->when;
          }
        }
        now += static_cast<std::int64_t>(below(10));
        break;
      }
    }
    ASSERT_EQ(heap_.size(), model.size());
    std::int64_t first = never;
    for (const auto& [of, at] : model) first = std::min(first, at);
    ASSERT_LE(heap_.next_due(), first);
    if (model.empty()) {
      ASSERT_EQ(heap_.next_due(), never);
    }
  }
  for (recorded& t : timers) remove(t);
}

}  // namespace
