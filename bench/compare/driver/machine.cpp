// SPDX-License-Identifier: BSL-1.0
#include "machine.hpp"

#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>
#include <vector>

namespace {

std::vector<int> usable_cpus() {
  cpu_set_t set;
  std::vector<int> cpus;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cpus;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &set)) cpus.push_back(cpu);
  }
  return cpus;
}

void pin_this_thread(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}

std::string cpu_model() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown processor";
}

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

double cpu_seconds_of(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int cpu_count() { return static_cast<int>(usable_cpus().size()); }

std::string machine_line() {
  utsname system{};
  uname(&system);
  std::ostringstream line;
  line << cpu_model() << ", " << cpu_count() << " CPUs, " << system.sysname << ' ' << system.release << ' '
       << system.machine;
  return line.str();
}

std::string load_average() {
  std::ifstream file("/proc/loadavg");
  std::string one;
  file >> one;
  return one;
}

double cache_line_round_trip() {
  const auto cpus = usable_cpus();
  if (cpus.size() < 2) return 0;
  constexpr int chunks = 21;
  constexpr int trips = 500;
  struct alignas(128) line {
    std::atomic<int> turn{0};
  } shared;

  std::thread partner([&] {
    pin_this_thread(cpus[1]);
    for (int i = 0; i < chunks * trips; ++i) {
      while (shared.turn.load(std::memory_order_acquire) != 2 * i + 1) {
      }
      shared.turn.store(2 * i + 2, std::memory_order_release);
    }
  });
  std::vector<double> times;
  std::thread timer([&] {
    pin_this_thread(cpus[0]);
    for (int c = 0; c < chunks; ++c) {
      const auto start = std::chrono::steady_clock::now();
      for (int i = c * trips; i < (c + 1) * trips; ++i) {
        shared.turn.store(2 * i + 1, std::memory_order_release);
        while (shared.turn.load(std::memory_order_acquire) != 2 * i + 2) {
        }
      }
      const std::chrono::duration<double, std::nano> took = std::chrono::steady_clock::now() - start;
      times.push_back(took.count() / trips);
    }
  });
  timer.join();
  partner.join();
  std::ranges::nth_element(times, times.begin() + chunks / 2);
  return times[chunks / 2];
}

cpu_use::cpu_use() : start_(now()) {}

cpu_use::ticks cpu_use::now() {
  std::ifstream file("/proc/stat");
  std::string label;
  double user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, soft_irq = 0, stolen = 0;
  file >> label >> user >> nice >> system >> idle >> waiting >> irq >> soft_irq >> stolen;
  const double ours =
      (cpu_seconds_of(RUSAGE_SELF) + cpu_seconds_of(RUSAGE_CHILDREN)) * static_cast<double>(sysconf(_SC_CLK_TCK));
  return {.total = user + nice + system + idle + waiting + irq + soft_irq + stolen,
          .idle = idle + waiting,
          .stolen = stolen,
          .ours = ours};
}

cpu_use::shares cpu_use::so_far() const {
  const ticks end = now();
  const double total = end.total - start_.total;
  if (total <= 0) return {};
  const double stolen = end.stolen - start_.stolen;
  const double busy = total - (end.idle - start_.idle) - stolen;
  return {.others = std::max(0.0, (busy - (end.ours - start_.ours)) / total), .stolen = stolen / total};
}
