// SPDX-License-Identifier: BSL-1.0
// The CPU bandwidth that control groups grant. A limit of any ancestor counts, so the whole path is walked up
// (version 2: cpu.max; version 1: cpu.cfs_quota_us and cpu.cfs_period_us).
#include <algorithm>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

#include "os/thread.hpp"

namespace goro::runtime {

namespace {

std::string read_file(const std::string& path) {
  std::string text;
  if (std::FILE* const file = std::fopen(path.c_str(), "re")) {
    char part[4096];
    while (const std::size_t n = std::fread(part, 1, sizeof part, file)) text.append(part, n);
    std::fclose(file);
  }
  return text;
}

/// Rounded up: half a CPU's worth still runs one goroutine at a time.
int cpus(double quota, double period) {
  if (quota <= 0 || period <= 0) return 0;
  const double share = quota / period;
  return share >= INT_MAX ? 0 : std::max(1, static_cast<int>(share) + (share > static_cast<int>(share) ? 1 : 0));
}

int limit_v2(const std::string& directory) {
  const std::string text = read_file(directory + "/cpu.max");
  char* rest = nullptr;
  const double quota = std::strtod(text.c_str(), &rest);  // "max" is no number
  return rest == text.c_str() ? 0 : cpus(quota, std::strtod(rest, nullptr));
}

int limit_v1(const std::string& directory) {
  return cpus(std::strtod(read_file(directory + "/cpu.cfs_quota_us").c_str(), nullptr),
              std::strtod(read_file(directory + "/cpu.cfs_period_us").c_str(), nullptr));
}

int least_on_path(const std::string& root, std::string path, int (*limit)(const std::string&)) {
  int least = 0;
  for (;;) {
    const int here = limit(root + path);
    if (here != 0 && (least == 0 || here < least)) least = here;
    if (path.empty() || path == "/") return least;
    path.erase(path.rfind('/'));
  }
}

}  // namespace

int cgroup_cpu_limit() noexcept try {
  int least = 0;
  const std::string groups = read_file("/proc/self/cgroup");  // lines "ID:controllers:path"
  for (std::size_t begin = 0; begin < groups.size();) {
    const std::size_t end = std::min(groups.find('\n', begin), groups.size());
    const std::string line = groups.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    const std::string path = line.substr(second + 1);
    int here = 0;
    if (controllers == ",,") {
      here = least_on_path("/sys/fs/cgroup", path, limit_v2);
    } else if (controllers.find(",cpu,") != std::string::npos) {
      here = least_on_path("/sys/fs/cgroup/cpu", path, limit_v1);
    }
    if (here != 0 && (least == 0 || here < least)) least = here;
  }
  return least;
} catch (...) {
  return 0;
}

}  // namespace goro::runtime
