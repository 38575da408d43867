// SPDX-License-Identifier: BSL-1.0
// goro::errgroup: the first exception in time, the context that it cancels, and the limit.
#include <atomic>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include <goro/chan.hpp>
#include <goro/context.hpp>
#include <goro/go.hpp>
#include <goro/select.hpp>
#include <goro/sync/errgroup.hpp>
#include <goro/time.hpp>

#include "goro_test.hpp"

namespace {

using XsyncErrgroup = on_procs;
GORO_ON_PROCS(XsyncErrgroup);

static_assert(!std::is_copy_constructible_v<goro::errgroup> && !std::is_move_constructible_v<goro::errgroup>);

/// Go's error: an exception with this text, or none if it is empty.
using error = std::string;

struct failure : std::runtime_error {
  using runtime_error::runtime_error;
};

void fail_with(const error& e) {
  if (!e.empty()) throw failure(e);
}

error text_of(const std::exception_ptr& thrown) {
  if (thrown == nullptr) return "";
  try {
    std::rethrow_exception(thrown);
  } catch (const std::system_error& e) {
    return e.code() == goro::context_errc::canceled ? "canceled" : e.what();
  } catch (const failure& e) {
    return e.what();
  }
}

error wait_for(goro::errgroup& group) {
  try {
    group.wait();
  } catch (const failure& e) {
    return e.what();
  }
  return "";
}

bool is_done(const goro::context& ctx) { return goro::select(goro::recv(ctx.done()), goro::otherwise) == 0; }

// XS-01
TEST_P(XsyncErrgroup, XS01_TheFirstExceptionStays) {
  run([] {
    const std::vector<std::vector<error>> cases{{}, {""}, {"1"}, {"1", ""}, {"", "1"}, {"1", "", "2"}, {"", "2", "1"}};
    for (const auto& errors : cases) {
      goro::errgroup group;
      error first;
      for (const error& e : errors) {
        group.go([&e] { fail_with(e); });
        ASSERT_TRUE(eventually([] { return goro::num_goroutine() == 1; }));  // one after the other
        if (first.empty()) first = e;
      }
      EXPECT_EQ(wait_for(group), first);
    }
  });
}

// XS-01
TEST_P(XsyncErrgroup, XS01_GroupMayBeUsedAgainAfterItsExceptionWasTaken) {
  run([] {
    goro::errgroup group;
    for (const char* e : {"", "1", "", "2", "2"}) {
      group.go([e] { fail_with(e); });
      EXPECT_EQ(wait_for(group), e);
    }
    EXPECT_EQ(wait_for(group), "");
  });
}

// XS-02, K1
TEST_P(XsyncErrgroup, XS02_ContextIsDoneAfterWaitInAllCases) {
  run([] {
    struct {
      std::vector<error> errors;
      error want;
    } const cases[] = {{{}, ""}, {{""}, ""}, {{"", ""}, ""}, {{"1"}, "1"}, {{"1", ""}, "1"}, {{"", "1"}, "1"}};
    for (const auto& [errors, want] : cases) {
      goro::errgroup group(goro::context::background());
      EXPECT_FALSE(is_done(group.ctx()));
      for (const error& e : errors) group.go([&e] { fail_with(e); });
      EXPECT_EQ(wait_for(group), want);
      EXPECT_TRUE(is_done(group.ctx()));
      EXPECT_EQ(group.ctx().err(), goro::context_errc::canceled);
      EXPECT_EQ(text_of(group.ctx().cause()), want.empty() ? "canceled" : want);
    }
    const goro::errgroup without;
    EXPECT_FALSE(bool(without.ctx()));
  });
}

// XS-02, K1
TEST_P(XsyncErrgroup, XS02_FirstExceptionCancelsTheContextBeforeAnybodyWaits) {
  run([] {
    goro::errgroup group(goro::context::background());
    group.go([&] {
      group.ctx().done().recv();
      EXPECT_EQ(text_of(group.ctx().cause()), "first");
      throw failure("second");
    });
    group.go([] { throw failure("first"); });
    group.ctx().done().recv();
    EXPECT_EQ(wait_for(group), "first");
  });
}

// XS-02
TEST_P(XsyncErrgroup, XS02_ParentThatIsCancelledCancelsTheGroup) {
  run([] {
    const auto [parent, cancel] = goro::context::with_cancel(goro::context::background());
    goro::errgroup group(parent);
    group.go([&] { group.ctx().done().recv(); });
    cancel();
    EXPECT_EQ(wait_for(group), "");
  });
}

// XS-03
TEST_P(XsyncErrgroup, XS03_NeverMoreThanTheLimitAreActive) {
  run([] {
    constexpr int limit = 10;
    goro::errgroup group;
    group.set_limit(limit);
    std::atomic<int> active{0};
    std::atomic<int> ran{0};
    for (int i = 0; i < 1024; ++i) {
      group.go([&] {
        const int now = ++active;
        EXPECT_LE(now, limit);
        ++ran;
        goro::sleep(std::chrono::microseconds(1));
        --active;
      });
    }
    EXPECT_EQ(wait_for(group), "");
    EXPECT_EQ(ran, 1024);
  });
}

// XS-03, K1
TEST_P(XsyncErrgroup, XS03_TryGoRefusesAtTheLimitAndGoWaits) {
  run([] {
    goro::errgroup group;
    const auto release = goro::make_chan<void>();
    const auto wait_for_release = [&] { release.recv(); };
    const auto refused = [] { ADD_FAILURE() << "called although it was refused"; };
    group.set_limit(2);
    EXPECT_TRUE(group.try_go(wait_for_release));
    EXPECT_TRUE(group.try_go(wait_for_release));
    EXPECT_FALSE(group.try_go(refused));

    std::atomic<bool> started{false};
    goro::wait_group waits;
    waits.go([&] { group.go([&] { started = true; }); });
    ASSERT_TRUE(eventually_waiting(1, "chan send"));
    EXPECT_FALSE(started);
    release.send();
    waits.wait();
    release.send();
    group.wait();
    EXPECT_TRUE(started);

    group.set_limit(0);
    EXPECT_FALSE(group.try_go(refused));
    group.set_limit(-1);
    for (int i = 0; i < 50; ++i) EXPECT_TRUE(group.try_go(wait_for_release));
    for (int i = 0; i < 50; ++i) release.send();
    group.wait();
  });
}

// XS-03
TEST_P(XsyncErrgroup, XS03_FunctionThatCannotBeCopiedInGivesItsPlaceBack) {
  run([] {
    struct cannot_be_copied {
      cannot_be_copied() = default;
      cannot_be_copied(const cannot_be_copied&) { throw failure("copy"); }
      void operator()() const { ADD_FAILURE() << "called"; }
    };
    goro::errgroup group;
    group.set_limit(1);
    const cannot_be_copied f;
    EXPECT_THROW(group.go(f), failure);
    int result = 0;
    EXPECT_TRUE(group.try_go([&, only_movable = std::make_unique<int>(5)] { result = *only_movable; }));
    group.wait();
    EXPECT_EQ(result, 5);
  });
}

// XS-03
TEST_P(XsyncErrgroup, XS03_FunctionThatCallsGoexitOrThrowsGivesItsPlaceBack) {
  run([] {
    goro::errgroup group;
    group.set_limit(1);
    for (int i = 0; i < 5; ++i) group.go([] { goro::goexit(); });
    for (int i = 0; i < 5; ++i) group.go([] { throw failure("1"); });
    EXPECT_EQ(wait_for(group), "1");
    group.set_limit(3);  // nobody is active
  });
}

// XS-04
TEST_P(XsyncErrgroup, XS04_ExampleSearchesInParallelAndKeepsTheOrderOfTheResults) {
  run([] {
    using search = std::function<std::string(const std::string&)>;
    const auto fake = [](const std::string& kind) -> search {
      return [kind](const std::string& query) { return kind + " result for \"" + query + "\""; };
    };
    const auto everywhere = [](const std::vector<search>& searches, const std::string& query) {
      goro::errgroup group(goro::context::background());
      std::vector<std::string> results(searches.size());
      for (std::size_t i = 0; i < searches.size(); ++i) group.go([&, i] { results[i] = searches[i](query); });
      group.wait();
      return results;
    };
    EXPECT_EQ(everywhere({fake("web"), fake("image"), fake("video")}, "goro"),
              (std::vector<std::string>{R"(web result for "goro")", R"(image result for "goro")",
                                        R"(video result for "goro")"}));
    const search broken = [](const std::string&) -> std::string { throw failure("index is down"); };
    EXPECT_THROW(everywhere({fake("web"), broken}, "goro"), failure);
  });
}

// XS-04
TEST_P(XsyncErrgroup, XS04_ExamplePipelineOfAProducerAndTwentyWorkersEndsAtOnceWhenOneFails) {
  run([] {
    using entry = std::pair<int, long>;
    const auto squares_up_to = [](int n, int fails_at) {
      goro::errgroup group(goro::context::background());
      const goro::context ctx = group.ctx();
      const auto numbers = goro::make_chan<int>();
      const auto results = goro::make_chan<entry>();
      group.go([=] {
        const goro::defer close{[&] { numbers.close(); }};
        for (int i = 1; i <= n; ++i)
          if (goro::select(goro::send(numbers, i), goro::recv(ctx.done())) == 1) throw failure("cancelled");
      });
      for (int worker = 0; worker < 20; ++worker) {
        group.go([=] {
          for (int i : numbers) {
            if (i == fails_at) throw failure("bad number");
            if (goro::select(goro::send(results, entry(i, long{i} * i)), goro::recv(ctx.done())) == 1) return;
          }
        });
      }
      std::map<int, long> all;
      goro::wait_group closer;
      closer.go([&] {
        for (const entry& e : results) all.insert(e);
      });
      const error e = wait_for(group);
      results.close();
      closer.wait();
      if (!e.empty()) throw failure(e);
      return all;
    };
    const auto squares = squares_up_to(200, 0);
    ASSERT_EQ(squares.size(), 200u);
    for (const auto& [number, square] : squares) EXPECT_EQ(square, long{number} * number);
    try {
      squares_up_to(100000, 50);
      ADD_FAILURE() << "no exception";
    } catch (const failure& e) {
      EXPECT_STREQ(e.what(), "bad number");
    }
  });
}

// XS-11
TEST_P(XsyncErrgroup, XS11_CauseIsTheFirstExceptionOrCanceled) {
  run([] {
    for (const std::vector<error>& errors : std::vector<std::vector<error>>{{}, {""}, {"1"}, {"1", ""}, {"", "1"}}) {
      goro::errgroup group(goro::context::background());
      error want;
      for (const error& e : errors) {
        EXPECT_TRUE(group.try_go([&e] { fail_with(e); }));
        if (want.empty()) want = e;
      }
      EXPECT_EQ(wait_for(group), want);
      EXPECT_EQ(text_of(group.ctx().cause()), want.empty() ? "canceled" : want);
      EXPECT_EQ(group.ctx().err(), goro::context_errc::canceled);
    }
  });
}

TEST_P(XsyncErrgroup, DestructorJoinsAndCancelsTheContext) {
  run([] {
    goro::context ctx;
    bool finished = false;
    {
      goro::errgroup group(goro::context::background());
      ctx = group.ctx();
      group.go([&] {
        for (int i = 0; i < 10; ++i) goro::gosched();
        finished = true;
        throw failure("dropped");
      });
    }
    EXPECT_TRUE(finished);
    EXPECT_TRUE(is_done(ctx));
  });
}

TEST_P(XsyncErrgroup, WorksFromAPlainThread) {
  run([] {
    goro::blocking([] {
      std::thread([] {
        goro::errgroup group(goro::context::background());
        group.set_limit(2);
        std::atomic<int> ran{0};
        for (int i = 0; i < 20; ++i) {
          group.go([&, i] {
            ++ran;
            if (i == 19) throw failure("last");
          });
        }
        EXPECT_EQ(wait_for(group), "last");
        EXPECT_EQ(ran, 20);
      }).join();
    });
  });
}

}  // namespace
