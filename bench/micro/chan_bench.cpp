// SPDX-License-Identifier: BSL-1.0
#include <goro/chan.hpp>
#include <goro/select.hpp>

#include <cstddef>
#include <vector>

#include "harness.hpp"

namespace {

template <std::size_t Bytes>
struct block {
  std::byte content[Bytes]{};
};

template <class T>
void make_chans(benchmark::State& state) {
  run_all(state, [](count n) {
    for (count i = 0; i < n; ++i) benchmark::DoNotOptimize(goro::make_chan<T>(8));
  });
}
void BM_MakeChanByte(benchmark::State& state) { make_chans<char>(state); }
void BM_MakeChanInt(benchmark::State& state) { make_chans<std::int64_t>(state); }
void BM_MakeChanPtr(benchmark::State& state) { make_chans<char*>(state); }
void BM_MakeChanStruct0(benchmark::State& state) { make_chans<void>(state); }
void BM_MakeChanStruct32(benchmark::State& state) { make_chans<block<32>>(state); }
void BM_MakeChanStruct40(benchmark::State& state) { make_chans<block<40>>(state); }

void BM_ChanNonblocking(benchmark::State& state) {
  run_all(state, [](count n) {
    const auto ch = goro::make_chan<std::int64_t>();
    run_parallel(n, [&](worker_share share) {
      while (share.next()) goro::select(goro::recv(ch), goro::otherwise);
    });
  });
}

// A hundred sends and a hundred receives an iteration, in one goroutine.
void fill_and_empty(const goro::chan<std::int64_t>& ch, worker_share share) {
  constexpr int messages = 100;
  while (share.next()) {
    for (int i = 0; i < messages; ++i) ch.send(0);
    for (int i = 0; i < messages; ++i) benchmark::DoNotOptimize(ch.recv());
  }
}

void BM_ChanUncontended(benchmark::State& state) {
  run_all(state, [](count n) {
    run_parallel(n, [](worker_share share) { fill_and_empty(goro::make_chan<std::int64_t>(100), share); });
  });
}

void BM_ChanContended(benchmark::State& state) {
  run_all(state, [](count n) {
    const auto ch = goro::make_chan<std::int64_t>(100 * goro::gomaxprocs());
    run_parallel(n, [&](worker_share share) { fill_and_empty(ch, share); });
  });
}

void local_work(int amount) {
  int foo = 0;
  for (int i = 0; i < amount; ++i) {
    foo /= foo + 1;
    benchmark::DoNotOptimize(foo);
  }
}

constexpr count calls_per_turn = 1000;

// Two goroutines that send to and receive from each other over one unbuffered channel.
void chan_sync(benchmark::State& state, int work) {
  run_all(state, [work](count n) {
    constexpr int partners = 2;
    std::atomic<count> turns{n / calls_per_turn / partners * partners};
    const auto done = goro::make_chan<void>(partners);
    const auto ch = goro::make_chan<std::int64_t>();
    for (int p = 0; p < partners; ++p) {
      goro::go([&] {
        for (count turn; (turn = turns.fetch_sub(1) - 1) >= 0;) {
          for (count call = 0; call < calls_per_turn; ++call) {
            if (turn % 2 == 0) {
              (void)ch.recv();
              local_work(work);
              ch.send(0);
            } else {
              ch.send(0);
              local_work(work);
              (void)ch.recv();
            }
            local_work(work);
          }
        }
        done.send();
      });
    }
    for (int p = 0; p < partners; ++p) done.recv();
  });
}
void BM_ChanSync(benchmark::State& state) { chan_sync(state, 0); }
void BM_ChanSyncWork(benchmark::State& state) { chan_sync(state, 1000); }

// A producer and a consumer for every processor; 0 ends a consumer.
void producers_and_consumers(benchmark::State& state, int capacity, int work) {
  run_all(state, [=](count n) {
    const int pairs = goro::gomaxprocs();
    std::atomic<count> turns{n / calls_per_turn};
    const auto done = goro::make_chan<void>(2 * pairs);
    const auto ch = goro::make_chan<std::int64_t>(capacity);
    for (int p = 0; p < pairs; ++p) {
      goro::go([&] {
        while (turns.fetch_sub(1) > 0) {
          for (count call = 0; call < calls_per_turn; ++call) {
            local_work(work);
            ch.send(1);
          }
        }
        ch.send(0);
        done.send();
      });
      goro::go([&] {
        while (*ch.recv() != 0) local_work(work);
        done.send();
      });
    }
    for (int p = 0; p < 2 * pairs; ++p) done.recv();
  });
}
void BM_ChanProdCons0(benchmark::State& state) { producers_and_consumers(state, 0, 0); }
void BM_ChanProdCons10(benchmark::State& state) { producers_and_consumers(state, 10, 0); }
void BM_ChanProdCons100(benchmark::State& state) { producers_and_consumers(state, 100, 0); }
void BM_ChanProdConsWork0(benchmark::State& state) { producers_and_consumers(state, 0, 100); }
void BM_ChanProdConsWork10(benchmark::State& state) { producers_and_consumers(state, 10, 100); }
void BM_ChanProdConsWork100(benchmark::State& state) { producers_and_consumers(state, 100, 100); }

void BM_ReceiveDataFromClosedChan(benchmark::State& state) {
  goro::run({.max_procs = static_cast<int>(state.range(0))}, [&] {
    const auto ch = goro::make_chan<void>(static_cast<std::ptrdiff_t>(state.max_iterations));
    for (count i = 0; i < static_cast<count>(state.max_iterations); ++i) ch.send();
    ch.close();
    for (auto _ : state) benchmark::DoNotOptimize(ch.recv());
  });
}

void BM_ChanCreation(benchmark::State& state) {
  run_all(state, [](count n) {
    run_parallel(n, [](worker_share share) {
      while (share.next()) {
        const auto ch = goro::make_chan<std::int64_t>(1);
        ch.send(0);
        benchmark::DoNotOptimize(ch.recv());
      }
    });
  });
}

void BM_ChanSem(benchmark::State& state) {
  run_all(state, [](count n) {
    const auto semaphore = goro::make_chan<void>(goro::gomaxprocs());
    run_parallel(n, [&](worker_share share) {
      while (share.next()) {
        semaphore.send();
        semaphore.recv();
      }
    });
  });
}

// A thousand goroutines wait for one common channel and one of their own each, which gets the messages.
void BM_ChanPopular(benchmark::State& state) {
  run_all(state, [](count n) {
    constexpr int goroutines = 1000;
    const auto common = goro::make_chan<bool>();
    std::vector<goro::chan<bool>> own;
    goro::wait_group group;
    for (int g = 0; g < goroutines; ++g) {
      own.push_back(goro::make_chan<bool>());
      group.add();
      goro::go([&group, common, n, mine = own.back()] {
        for (count i = 0; i < n; ++i) goro::select(goro::recv(common), goro::recv(mine));
        group.done();
      });
    }
    for (count i = 0; i < n; ++i) {
      for (const auto& ch : own) ch.send(true);
    }
    group.wait();
  });
}

void BM_ChanClosed(benchmark::State& state) {
  run_all(state, [](count n) {
    const auto ch = goro::make_chan<void>();
    ch.close();
    run_parallel(n, [&](worker_share share) {
      while (share.next()) benchmark::DoNotOptimize(goro::select(goro::recv(ch), goro::otherwise));
    });
  });
}

BENCHMARK(BM_MakeChanByte)->Apply(on_one_and_two_processors);
BENCHMARK(BM_MakeChanInt)->Apply(on_one_and_two_processors);
BENCHMARK(BM_MakeChanPtr)->Apply(on_one_and_two_processors);
BENCHMARK(BM_MakeChanStruct0)->Apply(on_one_and_two_processors);
BENCHMARK(BM_MakeChanStruct32)->Apply(on_one_and_two_processors);
BENCHMARK(BM_MakeChanStruct40)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanNonblocking)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanUncontended)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanContended)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanSync)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanSyncWork)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanProdCons0)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanProdCons10)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanProdCons100)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanProdConsWork0)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanProdConsWork10)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanProdConsWork100)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ReceiveDataFromClosedChan)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanCreation)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanSem)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanPopular)->Apply(on_one_and_two_processors);
BENCHMARK(BM_ChanClosed)->Apply(on_one_and_two_processors);

}  // namespace
