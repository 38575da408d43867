// SPDX-License-Identifier: BSL-1.0
// E1: errors from goroutines: through a channel, and through an errgroup.
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <goro/goro.hpp>

struct result {
  std::optional<double> value;
  std::string error;
};

result square_root(double x) {
  if (x < 0) return {std::nullopt, "square root of a negative number: " + std::to_string(static_cast<int>(x))};
  double root = x / 2 + 0.5;
  for (int i = 0; i < 60; ++i) root = (root + x / root) / 2;
  return {root, ""};
}

void through_a_channel() {
  for (const double x : {16.0, -4.0}) {
    const auto results = goro::make_chan<result>();
    goro::go([=] { results << square_root(x); });
    const auto r = results.recv();
    if (r->value) {
      std::cout << "result: " << *r->value << '\n';
    } else {
      std::cout << "error: " << r->error << '\n';
    }
  }
}

void through_an_errgroup() {
  const std::vector<std::string> sites = {"good", "bad", "slow"};
  goro::errgroup group(goro::context::background());
  for (const std::string& site : sites) {
    group.go([&site, ctx = group.ctx()] {
      if (site == "bad") throw std::runtime_error("fetching " + site + ": no such host");
      if (site == "slow") ctx.done().recv();  // the first error calls off the others
    });
  }
  try {
    group.wait();
    std::cout << "all fetched\n";
  } catch (const std::exception& e) {
    std::cout << "error: " << e.what() << '\n';
  }
  std::cout << "the others: " << group.ctx().err().message() << '\n';
}

int main() {
  return goro::run([] {
    through_a_channel();
    through_an_errgroup();
  });
}
