// SPDX-License-Identifier: BSL-1.0
// S1: testing concurrent code: a table of cases with one processor and with several, an interleaving that is made to
// happen, and a check that nobody is left behind.
#include <cstdio>
#include <mutex>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;

void verdict(bool passed, const std::string& name) {
  std::printf("--- %s: %s\n", passed ? "PASS" : "FAIL", name.c_str());
}

class counter {
 public:
  void add(int n) {
    const std::lock_guard lock(mutex_);
    value_ += n;
  }
  int value() {
    const std::lock_guard lock(mutex_);
    return value_;
  }

 private:
  goro::mutex mutex_;
  int value_ = 0;
};

/// A table: the same test for each line of it, with one, two and four processors.
void test_counter() {
  const struct {
    int goroutines, additions;
  } table[] = {{1, 1000}, {10, 100}, {100, 10}, {0, 0}};
  for (const int procs : {1, 2, 4}) {
    const int before = goro::gomaxprocs(procs);
    const goro::defer restore{[=] { goro::gomaxprocs(before); }};
    for (const auto [goroutines, additions] : table) {
      counter c;
      goro::wait_group wg;
      for (int g = 0; g < goroutines; ++g)
        wg.go([&] {
          for (int i = 0; i < additions; ++i) c.add(1);
        });
      wg.wait();
      verdict(c.value() == goroutines * additions, "counter/procs=" + std::to_string(procs) + "/" +
                                                       std::to_string(goroutines) + "x" + std::to_string(additions));
    }
  }
}

/// Reading, then adding, is two steps, however well each is locked. Channels hold the goroutines between them, so that the
/// bad case comes every time, not once in a thousand runs.
void test_read_then_add() {
  counter c;
  const auto has_read = goro::make_chan<void>();
  const auto may_add = goro::make_chan<void>();
  goro::wait_group wg;
  for (int i = 0; i < 2; ++i)
    wg.go([&] {
      const int seen = c.value();
      has_read.send();
      may_add.recv();
      if (seen < 1) c.add(1);  // at most one, they thought
    });
  for (int i = 0; i < 2; ++i) has_read.recv();
  may_add.close();
  wg.wait();
  verdict(c.value() <= 1, "read_then_add");
}

void test_nobody_is_left() {
  const auto c = goro::make_chan<int>();
  goro::go([=] { c << 1; });
  verdict(c.recv() == 1, "answer");
  while (goro::num_goroutine() > 1) goro::sleep(1ms);  // a goroutine that is left makes this wait for ever
  verdict(true, "nobody_is_left");
}

int main() {
  return goro::run([] {
    test_counter();
    test_read_then_add();
    test_nobody_is_left();
  });
}
