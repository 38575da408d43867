// SPDX-License-Identifier: BSL-1.0
// F11: ping-pong: two players, a table, and one ball: who has it owns it. Without a ball all wait for ever.
// Usage: ping_pong [without_a_ball]
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

struct ball {
  std::vector<std::string> hits;
};

using table = goro::chan<std::unique_ptr<ball>>;

void player(std::string name, table t) {
  for (auto b : t) {
    b->hits.push_back(name);
    goro::sleep(1ms);
    t << std::move(b);
  }
}

void play(bool with_a_ball) {
  const table t = goro::make_chan<std::unique_ptr<ball>>();
  goro::go({.name = "ping"}, player, "ping", t);
  goro::go({.name = "pong"}, player, "pong", t);
  if (with_a_ball) t << std::make_unique<ball>();  // game on
  goro::sleep(30ms);
  const std::unique_ptr<ball> b = t.recv().value();  // game over: nobody has it any more
  t.close();

  bool in_turn = true;
  for (std::size_t i = 1; i < b->hits.size(); ++i) in_turn = in_turn && b->hits[i] != b->hits[i - 1];
  std::cout << "hits: " << (b->hits.empty() ? "none" : "some") << ", in turn: " << (in_turn ? "yes" : "no") << '\n';
}

int main(int argc, char** argv) {
  const bool with_a_ball = argc < 2 || argv[1] != std::string_view("without_a_ball");
  return goro::run([=] {
    play(with_a_ball);

    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "everybody has left\n";
  });
}
