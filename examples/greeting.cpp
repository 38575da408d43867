// SPDX-License-Identifier: BSL-1.0
// C1: a value goes from one goroutine to another over an unbuffered channel.
#include <iostream>
#include <string>

#include <goro/goro.hpp>

int main() {
  return goro::run([] {
    auto greeting = goro::make_chan<std::string>();
    std::string greet_string = "Hello Go";

    goro::go([=] { greeting << greet_string; });

    std::string receiver;
    greeting >> receiver;
    std::cout << receiver << '\n';
  });
}
