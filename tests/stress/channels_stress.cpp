// SPDX-License-Identifier: BSL-1.0
// Senders and receivers of every kind on one channel: each value arrives once, and in the order of its sender.
#include <array>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "stress.hpp"

namespace {

struct small {
  int sender, number;
};

struct large : stress::counted {
  large(int s, int n) : sender(s), number(n) { filling.fill(s + n); }
  int sender, number;
  std::array<int, 50> filling;
};

struct owned : stress::counted {
  owned(int s, int n) : sender(s), number(n) {}
  int sender, number;
};

int sender_of(const small& v) { return v.sender; }
int number_of(const small& v) { return v.number; }
int sender_of(const large& v) {
  for (const int f : v.filling) STRESS_CHECK(f == v.sender + v.number);
  return v.sender;
}
int number_of(const large& v) { return v.number; }
int sender_of(const std::unique_ptr<owned>& v) { return v->sender; }
int number_of(const std::unique_ptr<owned>& v) { return v->number; }

template <class T>
T make(int sender, int number) {
  if constexpr (requires { typename T::element_type; }) {
    return std::make_unique<owned>(sender, number);
  } else {
    return T{sender, number};
  }
}

template <class T>
void send_all(goro::send_chan<T> out, int sender, int count, stress::choices pick) {
  for (int number = 1; number <= count; ++number) {
    T value = make<T>(sender, number);
    switch (pick.between(0, 3)) {
      case 0: out.send(std::move(value)); break;
      case 1:
        if (!out.try_send(std::move(value))) out.send(std::move(value));
        break;
      case 2: goro::select(goro::send(out, std::move(value))); break;
      case 3: out << std::move(value); break;
    }
    if (pick.one_in(20)) goro::gosched();
  }
}

template <class T>
std::optional<T> receive_one(goro::recv_chan<T> in, stress::choices& pick) {
  switch (pick.between(0, 2)) {
    case 0: return in.recv();
    case 1: {
      std::optional<T> value;
      goro::select(goro::recv(in, value));
      return value;
    }
    default: {
      std::optional<T> value;
      return goro::select(goro::recv(in, value), goro::otherwise) == 0 ? std::move(value) : in.recv();
    }
  }
}

/// What one receiver has seen: per sender how many, their sum, and that the numbers only rise.
struct tally {
  explicit tally(int senders) : last(senders + 1), count(senders + 1), sum(senders + 1) {}
  template <class T>
  void add(const T& value) {
    const auto s = static_cast<std::size_t>(sender_of(value));
    STRESS_CHECK(number_of(value) > last[s]);
    last[s] = number_of(value);
    ++count[s];
    sum[s] += number_of(value);
  }
  std::vector<int> last, count;
  std::vector<std::int64_t> sum;
};

template <class T>
void exchange(stress::choices& pick) {
  const int senders = pick.between(1, 8);
  const int receivers = pick.between(1, 8);
  const int count = pick.between(1, 400);
  const auto ch = goro::make_chan<T>(pick.one_in(2) ? 0 : pick.between(1, 20));
  auto tallies = goro::make_chan<tally>(receivers);
  goro::wait_group sending;

  for (int s = 1; s <= senders; ++s) sending.go([=, p = pick.fork()] { send_all<T>(ch, s, count, p); });
  for (int r = 0; r < receivers; ++r) {
    goro::go([=, p = pick.fork()]() mutable {
      tally seen(senders);
      if (p.one_in(3)) {
        for (auto&& value : ch) seen.add(value);
      } else {
        while (auto value = receive_one<T>(ch, p)) seen.add(*value);
      }
      tallies << std::move(seen);
    });
  }

  sending.wait();
  ch.close();
  std::vector<int> counts(senders + 1);
  std::vector<std::int64_t> sums(senders + 1);
  for (int r = 0; r < receivers; ++r) {
    const tally seen = tallies.recv().value();
    for (int s = 1; s <= senders; ++s) {
      counts[s] += seen.count[s];
      sums[s] += seen.sum[s];
    }
  }
  for (int s = 1; s <= senders; ++s) {
    STRESS_CHECK(counts[s] == count);
    STRESS_CHECK(sums[s] == std::int64_t{count} * (count + 1) / 2);
  }
}

/// A channel dropped with values and senders gone: everything buffered is destroyed.
void drop_buffered(stress::choices& pick) {
  const int n = pick.between(1, 50);
  auto ch = goro::make_chan<large>(n);
  for (int i = 0; i < n; ++i) ch << large(1, i);
  for (int i = pick.between(0, n); i > 0; --i) (void)ch.recv();
}

}  // namespace

int main(int argc, char** argv) {
  return stress::main("channels", argc, argv, [](stress::choices& pick) {
    switch (pick.between(0, 3)) {
      case 0: return exchange<small>(pick);
      case 1: return exchange<large>(pick);
      case 2: return exchange<std::unique_ptr<owned>>(pick);
      default: return drop_buffered(pick);
    }
  });
}
