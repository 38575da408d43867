// SPDX-License-Identifier: BSL-1.0
// W4: a mutex guards state that an atomic cannot hold.
#include <iostream>
#include <map>
#include <mutex>
#include <string>

#include <goro/goro.hpp>

class container {
 public:
  void inc(const std::string& name) {
    std::lock_guard lock(mu_);
    ++counters_[name];
  }

  friend std::ostream& operator<<(std::ostream& out, container& c) {
    std::lock_guard lock(c.mu_);
    const char* separator = "map[";
    for (const auto& [name, count] : c.counters_) {
      out << separator << name << ':' << count;
      separator = " ";
    }
    return out << ']';
  }

 private:
  goro::mutex mu_;
  std::map<std::string, int> counters_{{"a", 0}, {"b", 0}};
};

void count_by_name() {
  container c;
  goro::wait_group wg;
  const auto do_increment = [&](const std::string& name, int n) {
    for (int i = 0; i < n; ++i) c.inc(name);
  };

  wg.go([&] { do_increment("a", 10000); });
  wg.go([&] { do_increment("a", 10000); });
  wg.go([&] { do_increment("b", 10000); });
  wg.wait();

  std::cout << c << '\n';
}

void count_to_a_thousand() {
  int count = 0;
  goro::mutex mu;
  goro::wait_group wg;

  for (int i = 0; i < 1000; ++i) {
    wg.go([&] {
      std::lock_guard lock(mu);
      ++count;
    });
  }
  wg.wait();

  std::cout << "Final Count: " << count << '\n';
}

int main() {
  return goro::run([] {
    count_by_name();
    count_to_a_thousand();
  });
}
