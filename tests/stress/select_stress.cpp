// SPDX-License-Identifier: BSL-1.0
// Selects over several channels, both ways, fixed and dynamic, with otherwise and timeouts: nothing is lost, nothing
// arrives twice, and a select never pairs with itself.
#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "stress.hpp"

namespace {

using namespace std::chrono_literals;
using channels = std::vector<goro::chan<int>>;

struct totals {
  std::int64_t sent = 0, received = 0;
  int sends = 0, receives = 0;

  void note_sent(int v) {
    sent += v;
    ++sends;
  }
  void note_received(std::optional<int> v) {
    STRESS_CHECK(v.has_value());
    received += *v;
    ++receives;
  }
};

goro::chan<int> any(const channels& all, stress::choices& pick) {
  if (pick.one_in(10)) return {};  // nil: never ready
  return all[static_cast<std::size_t>(pick.between(0, static_cast<int>(all.size()) - 1))];
}

/// One select that may send and receive on the same channels as everybody else's.
void select_once(const channels& all, stress::choices& pick, totals& mine) {
  const auto a = any(all, pick), b = any(all, pick), c = any(all, pick);
  const int v = pick.between(1, 1000);
  const auto receive = [&](std::optional<int> value) { mine.note_received(value); };
  const auto sent = [&] { mine.note_sent(v); };
  switch (pick.between(0, 4)) {
    case 0:
      goro::select(goro::recv(a, receive), goro::send(b, v, sent), goro::otherwise([] { goro::gosched(); }));
      break;
    case 1:
      goro::select(goro::recv(a, receive), goro::recv(b, receive), goro::send(c, v, sent),
                   goro::recv(goro::after(std::chrono::microseconds(pick.between(0, 300)))));
      break;
    case 2: goro::select(goro::send(a, v, sent), goro::recv(a, receive), goro::recv(goro::after(100us))); break;
    case 3: {
      std::vector<goro::select_case> cases;
      for (int i = pick.between(1, 20); i > 0; --i) {
        if (pick.one_in(2)) {
          cases.emplace_back(goro::recv(any(all, pick), receive));
        } else {
          cases.emplace_back(goro::send(any(all, pick), v, sent));
        }
      }
      cases.emplace_back(goro::recv(goro::after(std::chrono::microseconds(pick.between(0, 300)))));
      goro::select(cases);
      break;
    }
    default: goro::select(goro::recv(b, receive), goro::otherwise); break;
  }
}

/// Everybody sends and receives at random; what is buffered in the end makes up the difference.
void free_for_all(stress::choices& pick) {
  channels all;
  for (int i = pick.between(1, 6); i > 0; --i)
    all.push_back(goro::make_chan<int>(pick.one_in(2) ? 0 : pick.between(1, 5)));
  const int goroutines = pick.between(2, 10);
  const int steps = pick.between(10, 300);
  auto results = goro::make_chan<totals>(goroutines);
  for (int i = 0; i < goroutines; ++i) {
    goro::go([=, p = pick.fork()]() mutable {
      totals mine;
      for (int step = 0; step < steps; ++step) select_once(all, p, mine);
      results << mine;
    });
  }
  totals sum;
  for (int i = 0; i < goroutines; ++i) {
    const totals one = results.recv().value();
    sum.sent += one.sent;
    sum.received += one.received;
    sum.sends += one.sends;
    sum.receives += one.receives;
  }
  for (const auto& ch : all) {
    while (ch.len() > 0) sum.note_received(ch.recv());
  }
  STRESS_CHECK(sum.sends == sum.receives);
  STRESS_CHECK(sum.sent == sum.received);
}

/// Two goroutines that each select on sending their own number or receiving the other's.
void self_select(stress::choices& pick) {
  const auto ch = goro::make_chan<int>();
  const int n = pick.between(1, 500);
  goro::wait_group wg;
  for (int p = 0; p < 2; ++p) {
    wg.go([=] {
      for (int i = 0; i < n; ++i) {
        const auto not_mine = [=](std::optional<int> v) { STRESS_CHECK(v != p); };
        if (i % 2 == 0) {
          goro::select(goro::send(ch, p), goro::recv(ch, not_mine));
        } else {
          goro::select(goro::recv(ch, not_mine), goro::send(ch, p));
        }
      }
    });
  }
  wg.wait();
}

/// Closing under selects: receivers drain what was sent, then all of them see the end.
void close_under_selects(stress::choices& pick) {
  const auto data = goro::make_chan<int>(pick.between(0, 3));
  const auto quit = goro::make_chan<void>();
  const int receivers = pick.between(1, 6);
  std::atomic<int> received{0}, drained{0};
  goro::wait_group wg;
  for (int i = 0; i < receivers; ++i) {
    wg.go([&] {
      for (bool open = true; open;) {
        goro::select(goro::recv(data,
                                [&](std::optional<int> v) {
                                  open = v.has_value();
                                  received += v.has_value();
                                }),
                     goro::recv(quit, [] { STRESS_CHECK(!"quit was closed before data"); }));
      }
      ++drained;
      STRESS_CHECK(!quit.recv());
    });
  }
  const int n = pick.between(0, 300);
  for (int i = 0; i < n; ++i) data << i;
  data.close();
  while (drained != receivers) goro::gosched();
  STRESS_CHECK(received == n);
  quit.close();
  wg.wait();
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("select", argc, argv, [](stress::choices& pick) {
    switch (pick.between(0, 2)) {
      case 0: return free_for_all(pick);
      case 1: return self_select(pick);
      default: return close_under_selects(pick);
    }
  });
}
