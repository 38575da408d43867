// SPDX-License-Identifier: BSL-1.0
// W1: three workers share five jobs through a channel and send back the results.
#include <cstdio>

#include <goro/goro.hpp>

void worker(int id, goro::recv_chan<int> jobs, goro::send_chan<int> results) {
  for (int job : jobs) {
    std::printf("worker %d started  job %d\n", id, job);
    std::printf("worker %d finished job %d\n", id, job);
    results << job * 2;
  }
}

int main() {
  return goro::run([] {
    constexpr int num_jobs = 5;
    auto jobs = goro::make_chan<int>(num_jobs);
    auto results = goro::make_chan<int>(num_jobs);

    for (int id = 1; id <= 3; ++id) goro::go(worker, id, jobs, results);

    for (int job = 1; job <= num_jobs; ++job) jobs << job;
    jobs.close();

    int sum = 0;
    for (int received = 0; received < num_jobs; ++received) sum += results.recv().value();
    std::printf("sum of the results: %d\n", sum);
  });
}
