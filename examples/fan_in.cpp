// SPDX-License-Identifier: BSL-1.0
// F11: fan-in: several channels become one, and whoever is ready talks. With a goroutine for each, and with a select.
#include <iostream>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

struct message {
  std::string who;
  int number;
};

goro::recv_chan<message> boring(std::string who, int count) {
  auto c = goro::make_chan<message>();
  goro::go([=] {
    for (int i = 0; i < count; ++i) c << message{who, i};
    c.close();
  });
  return c;
}

/// A goroutine for each input; the last one to leave closes the output.
goro::recv_chan<message> fan_in(std::vector<goro::recv_chan<message>> inputs) {
  auto c = goro::make_chan<message>();
  goro::go([=] {
    goro::wait_group wg;
    for (const auto& input : inputs)
      wg.go([=] {
        for (message m : input) c << std::move(m);
      });
    wg.wait();
    c.close();
  });
  return c;
}

/// A single goroutine. An input that is closed becomes nil, so that select forgets it.
goro::recv_chan<message> fan_in(goro::recv_chan<message> a, goro::recv_chan<message> b) {
  auto c = goro::make_chan<message>();
  goro::go([=]() mutable {
    std::optional<message> m;
    while (a || b) {
      auto& from = goro::select(goro::recv(a, m), goro::recv(b, m)) == 0 ? a : b;
      if (m) {
        c << *std::move(m);
      } else {
        from = {};
      }
    }
    c.close();
  });
  return c;
}

/// They come in any order, but each speaker's own is kept.
void listen(const goro::recv_chan<message>& c) {
  std::map<std::string, std::vector<int>> heard;
  for (auto&& m : c) heard[m.who].push_back(m.number);
  for (const auto& [who, numbers] : heard) {
    std::cout << who << ':';
    for (int n : numbers) std::cout << ' ' << n;
    std::cout << '\n';
  }
}

int main() {
  return goro::run([] {
    std::cout << "a goroutine for each\n";
    listen(fan_in({boring("Joe", 5), boring("Ann", 6), boring("Eve", 7)}));
    std::cout << "a select\n";
    listen(fan_in(boring("Joe", 5), boring("Ann", 6)));

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
