// SPDX-License-Identifier: BSL-1.0
// The frame of the stress programs: rounds of random work until the time is up, each checked for what it left behind.
//
//   channels_stress [--seconds N] [--procs P] [--seed S]
//
// The seed is printed first; the same seed makes the same choices, though not the same interleaving.
#pragma once

#include <goro/debug.hpp>
#include <goro/goro.hpp>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <random>
#include <string_view>

#include <unistd.h>

namespace stress {

struct options {
  int seconds = 2;
  int procs = 4;
  std::uint64_t seed = std::random_device{}();
};

inline options parse(int argc, char** argv) {
  options chosen;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const auto value = std::strtoull(argv[i + 1], nullptr, 10);
    if (name == "--seconds") {
      chosen.seconds = static_cast<int>(value);
    } else if (name == "--procs") {
      chosen.procs = static_cast<int>(value);
    } else if (name == "--seed") {
      chosen.seed = value;
    } else {
      std::fprintf(stderr, "usage: %s [--seconds N] [--procs P] [--seed S]\n", argv[0]);
      std::exit(1);
    }
  }
  return chosen;
}

#define STRESS_CHECK(condition) ::stress::check((condition), #condition, __FILE__, __LINE__)

inline void check(bool holds, const char* condition, const char* file, int line) {
  if (holds) return;
  std::fprintf(stderr, "%s:%d: broken: %s\n", file, line, condition);
  goro::debug::dump(std::cerr);
  std::cerr.flush();
  std::_Exit(1);
}

/// A source of choices. Each goroutine gets one of its own, made by its parent: fork().
class choices {
 public:
  explicit choices(std::uint64_t seed) : engine_(seed) {}
  int between(int low, int high) { return std::uniform_int_distribution<int>(low, high)(engine_); }
  bool one_in(int n) { return between(1, n) == 1; }
  choices fork() { return choices(engine_()); }

 private:
  std::mt19937_64 engine_;
};

/// Counts the objects that live, so that one that is lost or destroyed twice shows.
class counted {
 public:
  counted() noexcept { ++living; }
  counted(const counted&) noexcept { ++living; }
  counted(counted&&) noexcept { ++living; }
  counted& operator=(const counted&) noexcept = default;
  counted& operator=(counted&&) noexcept = default;
  ~counted() { --living; }

  static inline std::atomic<std::int64_t> living{0};
};

/// Keeps a processor busy without any call into the library.
inline void spin_for(std::chrono::microseconds duration) {
  const auto end = std::chrono::steady_clock::now() + duration;
  while (std::chrono::steady_clock::now() < end) {
  }
}

inline void expect_nothing_left(const goro::debug::runtime_stats& before) {
  using namespace std::chrono_literals;
  const auto give_up = std::chrono::steady_clock::now() + 60s;
  for (;;) {
    const auto now = goro::debug::stats();
    if (now.goroutines <= before.goroutines && now.channels <= before.channels && now.timers <= before.timers &&
        now.stacks <= before.stacks && counted::living == 0) {
      return;
    }
    if (std::chrono::steady_clock::now() > give_up) {
      std::fprintf(stderr, "left over: %zu goroutines, %zu channels, %zu timers, %zu stacks, %lld objects\n",
                   now.goroutines - before.goroutines, now.channels - before.channels, now.timers - before.timers,
                   now.stacks - before.stacks, static_cast<long long>(counted::living.load()));
      check(false, "nothing is left over", __FILE__, __LINE__);
    }
    goro::gosched();
  }
}

/// Runs round(choices&) as the main goroutine again and again until the time is up.
template <class Round>
int main(const char* name, int argc, char** argv, Round round) {
  const options chosen = parse(argc, argv);
  std::printf("%s: seed %llu, %d procs, %d s\n", name, static_cast<unsigned long long>(chosen.seed), chosen.procs,
              chosen.seconds);
  std::fflush(stdout);

  std::signal(SIGALRM, [](int) { kill(getpid(), SIGQUIT); });  // a hang ends with a dump
  choices source(chosen.seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(chosen.seconds);
  std::uint64_t rounds = 0;
  do {
    goro::run({.max_procs = chosen.procs}, [&] {
      for (int i = 0; i < 10 && std::chrono::steady_clock::now() < end; ++i, ++rounds) {
        alarm(120);
        const auto before = goro::debug::stats();
        round(source);
        expect_nothing_left(before);
      }
    });
  } while (std::chrono::steady_clock::now() < end);
  alarm(0);

  const auto all = goro::debug::stats();
  std::printf("%s: %llu rounds, %llu goroutines, %llu steals, %llu hand-offs, %llu takeaways, %llu migrations\n", name,
              static_cast<unsigned long long>(rounds), static_cast<unsigned long long>(all.spawned),
              static_cast<unsigned long long>(all.steals), static_cast<unsigned long long>(all.handoffs),
              static_cast<unsigned long long>(all.takeaways), static_cast<unsigned long long>(all.migrations));
  return 0;
}

}  // namespace stress
