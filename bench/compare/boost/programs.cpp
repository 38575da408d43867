// SPDX-License-Identifier: BSL-1.0
#include <boost/fiber/buffered_channel.hpp>
#include <boost/fiber/fiber.hpp>
#include <boost/fiber/unbuffered_channel.hpp>
#include <memory>
#include <vector>

#include "rows.hpp"

namespace {

using boost::fibers::channel_op_status;
using boost::fibers::fiber;
using channel = boost::fibers::unbuffered_channel<std::int64_t>;
using buffered = boost::fibers::buffered_channel<std::int64_t>;
using link = std::shared_ptr<channel>;

void generate(const link& out) {
  for (std::int64_t i = 2; out->push(i) == channel_op_status::success; ++i) {
  }
}

void filter(const link& in, const link& out, std::int64_t prime) {
  std::int64_t i = 0;
  while (in->pop(i) == channel_op_status::success) {
    if (i % prime != 0 && out->push(i) == channel_op_status::closed) break;
  }
  in->close();
}

// Closing the last channel stops the filters, one after the other: the process cannot end while a fiber waits.
double sieve(int) {
  constexpr int primes = 2000;
  const double start = busy_now();
  auto in = std::make_shared<channel>();
  std::vector<fiber> fibers;
  fibers.emplace_back(generate, in);
  std::int64_t prime = 0;
  for (int i = 0; i < primes; ++i) {
    prime = in->value_pop();
    const auto out = std::make_shared<channel>();
    fibers.emplace_back(filter, in, out, prime);
    in = out;
  }
  const double end = busy_now();
  in->close();
  for (fiber& one : fibers) one.join();
  if (prime != 17'389) fail("sieve: wrong prime");
  return milliseconds(end - start);
}

// One token passed n hops around a ring of fibers.
void ring(int n, std::size_t size) {
  std::vector<channel> links(size);
  channel arrived;
  std::vector<fiber> fibers;
  for (std::size_t i = 0; i < size; ++i) {
    fibers.emplace_back([&, i] {
      channel& out = links[(i + 1) % size];
      std::int64_t hops = 0;
      while (links[i].pop(hops) == channel_op_status::success) {
        if (hops == 0) {
          arrived.close();
        } else {
          out.push(hops - 1);
        }
      }
      if (i != size - 1) out.close();
    });
  }
  links[0].push(n);
  std::int64_t nothing = 0;
  arrived.pop(nothing);
  links[0].close();
  for (fiber& one : fibers) one.join();
}

void daisy_chain(std::size_t length) {
  std::vector<channel> links(length + 1);
  std::vector<fiber> fibers;
  fibers.reserve(length + 1);
  for (std::size_t i = 0; i < length; ++i) {
    fibers.emplace_back([&to = links[i], &from = links[i + 1]] { to.push(1 + from.value_pop()); });
  }
  fibers.emplace_back([&] { links[length].push(1); });
  if (links[0].value_pop() != static_cast<std::int64_t>(length) + 1) fail("daisy chain: wrong length");
  for (fiber& one : fibers) one.join();
}

template <class Channel>
void worker_pool(int job_count, int workers, Channel&& jobs, Channel&& results) {
  std::vector<fiber> fibers;
  for (int w = 0; w < workers; ++w) {
    fibers.emplace_back([&] {
      std::int64_t job = 0;
      while (jobs.pop(job) == channel_op_status::success) results.push(job * 2);
    });
  }
  fibers.emplace_back([&] {
    for (int j = 0; j < job_count; ++j) jobs.push(j);
    jobs.close();
  });
  std::int64_t sum = 0;
  for (int j = 0; j < job_count; ++j) sum += results.value_pop();
  for (fiber& one : fibers) one.join();
  last_result = sum;
}

constexpr row rows[] = {
    {"sieve_2000", "ms", sieve},
    {"ring_1000", "ns", [](int n) { return per_op(n, [](int ops) { ring(ops, 1000); }); }},
    {"daisy_chain_100k", "ms", [](int n) { return milliseconds(per_round(n, [] { daisy_chain(100'000); })); }},
    {"worker_pool_128", "ns",
     [](int n) { return per_op(n, [](int ops) { worker_pool(ops, 3, buffered(128), buffered(128)); }); }},
    {"worker_pool_0", "ns",
     [](int n) { return per_op(n, [](int ops) { worker_pool(ops, 3, channel(), channel()); }); }},
};

}  // namespace

std::span<const row> program_rows() { return rows; }
