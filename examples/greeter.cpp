// SPDX-License-Identifier: BSL-1.0
// F2: the greeter waits until somebody receives its greeting; then it closes the channel, which main can see.
#include <cstdio>
#include <string>

#include <goro/goro.hpp>

void greet(goro::chan<std::string> ch, const std::string& greeting) {
  std::puts("Greeter waiting to send greeting!");
  ch << greeting;
  ch.close();
  std::puts("Greeter completed");
}

goro::chan<std::string> receive_greeting(const std::string& text) {
  auto msg = goro::make_chan<std::string>();
  goro::wait_group greeter;
  greeter.go([=] { greet(msg, text); });

  std::string greeting = msg.recv().value();
  greeter.wait();

  std::puts("Greeting received");
  std::puts(greeting.c_str());
  return msg;
}

int main() {
  return goro::run([] {
    receive_greeting("Hello vignesh");

    auto msg = receive_greeting("Hello Rwitesh");
    std::string rest;
    bool ok = msg >> rest;
    std::puts(ok ? "Channel is open!" : "Channel is closed!");
  });
}
