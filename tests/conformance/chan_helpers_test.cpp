// SPDX-License-Identifier: BSL-1.0
// CH-17: generic helpers on channels with cancellation, written as a user would write them.
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <goro/chan.hpp>
#include <goro/select.hpp>

#include "goro_test.hpp"

namespace {

using ChanHelpers = on_procs;
GORO_ON_PROCS(ChanHelpers);

using goro::chan;
using goro::make_chan;
using goro::recv_chan;
using goro::send_chan;

/// Reads until `in` is closed or `quit` is.
template <class T>
std::vector<T> read_all(const recv_chan<void>& quit, const recv_chan<T>& in) {
  std::vector<T> all;
  for (;;) {
    std::optional<T> v;
    if (goro::select(goro::recv(quit), goro::recv(in, v)) == 0 || !v) return all;
    all.push_back(std::move(*v));
  }
}

/// A channel of everything that comes on a or b.
template <class T>
recv_chan<T> merge(const recv_chan<void>& quit, recv_chan<T> a, recv_chan<T> b) {
  const auto out = make_chan<T>();
  goro::go([=]() mutable {
    const goro::defer close_out{[&] { out.close(); }};
    while (a || b) {
      std::optional<T> v;
      const std::size_t chosen = goro::select(goro::recv(quit), goro::recv(a, v), goro::recv(b, v));
      if (chosen == 0) return;
      if (!v) {
        (chosen == 1 ? a : b) = {};
      } else if (goro::select(goro::recv(quit), goro::send(out, std::move(*v))) == 0) {
        return;
      }
    }
  });
  return out;
}

/// A channel of those values that f accepts.
template <class T, class F>
recv_chan<T> filter(const recv_chan<void>& quit, const recv_chan<T>& in, F f) {
  const auto out = make_chan<T>();
  goro::go([=] {
    const goro::defer close_out{[&] { out.close(); }};
    for (;;) {
      std::optional<T> v;
      if (goro::select(goro::recv(quit), goro::recv(in, v)) == 0 || !v) return;
      if (f(*v) && goro::select(goro::recv(quit), goro::send(out, std::move(*v))) == 0) return;
    }
  });
  return out;
}

/// A channel that swallows everything until `quit` is closed.
template <class T>
send_chan<T> sink(const recv_chan<void>& quit) {
  const auto in = make_chan<T>();
  goro::go([=] {
    while (goro::select(goro::recv(quit), goro::recv(in)) != 0) {
    }
  });
  return in;
}

/// A value that one goroutine at a time may use.
template <class T>
class exclusive {
 public:
  explicit exclusive(T value) { slot_.send(std::move(value)); }

  T acquire() const { return slot_.recv().value(); }
  [[nodiscard]] std::optional<T> try_acquire() const {
    T value;
    return slot_.try_recv(value) == goro::recv_status::ok ? std::optional<T>(std::move(value)) : std::nullopt;
  }
  void release(T value) const {
    if (!slot_.try_send(std::move(value))) throw goro::panic("released twice");
  }

 private:
  chan<T> slot_ = make_chan<T>(1);
};

/// The receiving side of ranger(): dropping it tells the sender to stop.
template <class T>
class ranger_receiver {
 public:
  ranger_receiver(recv_chan<T> values, send_chan<void> done) : values_(std::move(values)), done_(std::move(done)) {}
  ranger_receiver(ranger_receiver&&) = default;
  ~ranger_receiver() {
    if (done_) done_.close();
  }
  [[nodiscard]] std::optional<T> next() const { return values_.recv(); }

 private:
  recv_chan<T> values_;
  send_chan<void> done_;
};

template <class T>
class ranger_sender {
 public:
  ranger_sender(send_chan<T> values, recv_chan<void> done) : values_(std::move(values)), done_(std::move(done)) {}
  /// False if the receiver is gone.
  [[nodiscard]] bool send(const T& v) const { return goro::select(goro::send(values_, v), goro::recv(done_)) == 0; }
  void close() const { values_.close(); }

 private:
  send_chan<T> values_;
  recv_chan<void> done_;
};

template <class T>
std::pair<ranger_sender<T>, ranger_receiver<T>> ranger() {
  const auto values = make_chan<T>();
  const auto done = make_chan<void>();
  return {ranger_sender<T>(values, done), ranger_receiver<T>(values, done)};
}

recv_chan<int> numbers(std::vector<int> values) {
  const auto out = make_chan<int>();
  goro::go([=] {
    for (int v : values) out.send(v);
    out.close();
  });
  return out;
}

TEST_P(ChanHelpers, CH17_ReadAllCollectsUntilTheClose) {
  run([] { EXPECT_EQ(read_all<int>(make_chan<void>(), numbers({1, 2, 3})), (std::vector{1, 2, 3})); });
}

TEST_P(ChanHelpers, CH17_ReadAllStopsWhenItIsCancelled) {
  run([] {
    const auto quit = make_chan<void>();
    const auto in = make_chan<int>();
    const auto result = make_chan<std::vector<int>>();
    goro::go([=] { result.send(read_all<int>(quit, in)); });
    in.send(1);
    quit.close();
    EXPECT_EQ(result.recv(), std::vector{1});
  });
}

TEST_P(ChanHelpers, CH17_MergeYieldsTheValuesOfBothEachInItsOrder) {
  run([] {
    const auto quit = make_chan<void>();
    const auto all = read_all<int>(quit, merge<int>(quit, numbers({1, 3, 5}), numbers({2, 4, 6})));
    std::vector<int> odd;
    std::vector<int> even;
    for (int v : all) (v % 2 != 0 ? odd : even).push_back(v);
    EXPECT_EQ(odd, (std::vector{1, 3, 5}));
    EXPECT_EQ(even, (std::vector{2, 4, 6}));
  });
}

TEST_P(ChanHelpers, CH17_FilterKeepsWhatIsAccepted) {
  run([] {
    const auto quit = make_chan<void>();
    const auto even = filter<int>(quit, numbers({1, 2, 3, 4}), [](int v) { return v % 2 == 0; });
    EXPECT_EQ(read_all<int>(quit, even), (std::vector{2, 4}));
  });
}

TEST_P(ChanHelpers, CH17_SinkSwallowsEverythingUntilItIsCancelled) {
  run([] {
    const auto quit = make_chan<void>();
    const auto to = sink<int>(quit);
    for (int i = 0; i < 100; ++i) to.send(i);
    quit.close();
  });
}

TEST_P(ChanHelpers, CH17_ExclusiveIsHeldByOneAtATime) {
  run([] {
    const exclusive<int> counter(10);
    EXPECT_EQ(counter.acquire(), 10);
    EXPECT_EQ(counter.try_acquire(), std::nullopt);
    counter.release(11);
    EXPECT_EQ(counter.try_acquire(), 11);
    counter.release(0);
    EXPECT_EQ(panic_of([&] { counter.release(1); }), "released twice");

    const auto done = make_chan<void>();
    for (int i = 0; i < 10; ++i) {
      goro::go([&] {
        for (int n = 0; n < 100; ++n) counter.release(counter.acquire() + 1);
        done.send();
      });
    }
    for (int i = 0; i < 10; ++i) done.recv();
    EXPECT_EQ(counter.acquire(), 1000);
  });
}

TEST_P(ChanHelpers, CH17_RangerPassesValuesUntilTheSenderCloses) {
  run([] {
    auto [sender, receiver] = ranger<int>();
    goro::go([from = sender] {
      for (int i = 0; i < 3; ++i) EXPECT_TRUE(from.send(i));
      from.close();
    });
    for (int i = 0; i < 3; ++i) EXPECT_EQ(receiver.next(), i);
    EXPECT_EQ(receiver.next(), std::nullopt);
  });
}

TEST_P(ChanHelpers, CH17_RangerStopsTheSenderOnceTheReceiverIsDropped) {
  run([] {
    const auto sent = make_chan<int>();
    {
      auto [sender, receiver] = ranger<int>();
      goro::go([from = sender, sent] {
        int n = 0;
        while (from.send(n)) ++n;
        sent.send(n);
      });
      EXPECT_EQ(receiver.next(), 0);
      EXPECT_EQ(receiver.next(), 1);
    }
    EXPECT_EQ(sent.recv(), 2);
  });
}

}  // namespace
