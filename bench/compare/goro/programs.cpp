// SPDX-License-Identifier: BSL-1.0
#include "programs.hpp"

#include <vector>

#include <goro/chan.hpp>
#include <goro/go.hpp>
#include <goro/sync.hpp>

#include "rows.hpp"

namespace {

using channel = goro::chan<std::int64_t>;

void generate(goro::send_chan<std::int64_t> out) {
  for (std::int64_t i = 2;; ++i) out.send(i);
}

void filter(goro::recv_chan<std::int64_t> in, goro::send_chan<std::int64_t> out, std::int64_t prime) {
  while (const auto i = in.recv()) {
    if (*i % prime != 0) out.send(*i);
  }
}

// The prime sieve of the Go documentation: a filter a prime. The filters stay behind, blocked, as they do there; they
// go on working for a while after the last prime has arrived, so a second round would not be the same.
double sieve(int) {
  constexpr int primes = 2000;
  const double start = busy_now();
  auto in = goro::make_chan<std::int64_t>();
  goro::go(generate, in);
  std::int64_t prime = 0;
  for (int i = 0; i < primes; ++i) {
    prime = *in.recv();
    const auto out = goro::make_chan<std::int64_t>();
    goro::go(filter, in, out, prime);
    in = out;
  }
  const double end = busy_now();
  if (prime != 17'389) fail("sieve: wrong prime");
  return milliseconds(end - start);
}

// One token passed n hops around a ring of goroutines.
void ring(int n, int size) {
  std::vector<channel> links;
  for (int i = 0; i < size; ++i) links.push_back(goro::make_chan<std::int64_t>());
  const auto arrived = goro::make_chan<void>();
  goro::wait_group group;
  for (int i = 0; i < size; ++i) {
    group.add();
    const bool last = i == size - 1;
    goro::go([&group, arrived, in = links[i], out = links[(i + 1) % size], last] {
      while (const auto hops = in.recv()) {
        if (*hops == 0) {
          arrived.close();
        } else {
          out.send(*hops - 1);
        }
      }
      if (!last) out.close();
      group.done();
    });
  }
  links[0].send(n);
  arrived.recv();
  links[0].close();
  group.wait();
}

void skynet(goro::send_chan<std::int64_t> result, std::int64_t num, std::int64_t size) {
  if (size == 1) {
    result.send(num);
    return;
  }
  const auto children = goro::make_chan<std::int64_t>();
  size /= 10;
  for (int i = 0; i < 10; ++i) goro::go(skynet, children, num + i * size, size);
  std::int64_t sum = 0;
  for (int i = 0; i < 10; ++i) sum += *children.recv();
  result.send(sum);
}

void daisy_chain(int length) {
  const auto leftmost = goro::make_chan<std::int64_t>();
  auto left = leftmost;
  for (int i = 0; i < length; ++i) {
    const auto right = goro::make_chan<std::int64_t>();
    goro::go([](const channel& to, const channel& from) { to.send(1 + *from.recv()); }, left, right);
    left = right;
  }
  goro::go([left] { left.send(1); });
  if (*leftmost.recv() != length + 1) fail("daisy chain: wrong length");
}

void worker_pool(int job_count, int workers, int capacity) {
  const auto jobs = goro::make_chan<std::int64_t>(capacity);
  const auto results = goro::make_chan<std::int64_t>(capacity);
  for (int w = 0; w < workers; ++w) {
    goro::go([=] {
      for (const std::int64_t j : jobs) results.send(j * 2);
    });
  }
  goro::go([=] {
    for (int j = 0; j < job_count; ++j) jobs.send(j);
    jobs.close();
  });
  std::int64_t sum = 0;
  for (int j = 0; j < job_count; ++j) sum += *results.recv();
  last_result = sum;
}

constexpr row rows[] = {
    {"sieve_2000", "ms", sieve},
    {"ring_1000", "ns", [](int n) { return per_op(n, [](int ops) { ring(ops, 1000); }); }},
    {"skynet", "ms", [](int n) { return milliseconds(per_round(n, skynet_million)); }},
    {"daisy_chain_100k", "ms", [](int n) { return milliseconds(per_round(n, [] { daisy_chain(100'000); })); }},
    {"worker_pool_128", "ns", [](int n) { return per_op(n, [](int ops) { worker_pool(ops, 3, 128); }); }},
    {"worker_pool_0", "ns", [](int n) { return per_op(n, [](int ops) { worker_pool(ops, 3, 0); }); }},
};

}  // namespace

void skynet_million() {
  const auto result = goro::make_chan<std::int64_t>();
  goro::go(skynet, result, 0, 1'000'000);
  if (*result.recv() != 499'999'500'000) fail("skynet: wrong sum");
}

std::span<const row> program_rows() { return rows; }
