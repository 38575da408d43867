// SPDX-License-Identifier: BSL-1.0
// F11: bounded parallelism: the digests of all files below a directory, by a fixed number of goroutines. One walks, four
// read, one collects; each stage closes what it sends on, and ends early when done is closed.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>

#include <goro/goro.hpp>

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr int num_digesters = 4;
std::atomic<int> reading{0}, most_at_once{0};

std::uint64_t digest(const fs::path& path) {  // FNV-1a
  for (int now = ++reading, most = most_at_once; now > most && !most_at_once.compare_exchange_weak(most, now);) {
  }
  std::ifstream file(path, std::ios::binary);
  std::uint64_t sum = 14695981039346656037u;
  std::for_each(std::istreambuf_iterator<char>(file), {},
                [&](char c) { sum = (sum ^ static_cast<unsigned char>(c)) * 1099511628211u; });
  --reading;
  return sum;
}

struct result {
  fs::path path;
  std::uint64_t sum;
};

goro::recv_chan<fs::path> walk_files(goro::recv_chan<void> done, fs::path root) {
  auto paths = goro::make_chan<fs::path>();
  goro::go([=] {
    const goro::defer close_paths{[&] { paths.close(); }};
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file() && goro::select(goro::send(paths, entry.path()), goro::recv(done)) == 1) return;
    }
  });
  return paths;
}

goro::recv_chan<result> digest_files(goro::recv_chan<void> done, goro::recv_chan<fs::path> paths) {
  auto results = goro::make_chan<result>();
  goro::go([=] {
    goro::wait_group digesters;
    for (int i = 0; i < num_digesters; ++i)
      digesters.go([=] {
        for (auto&& path : paths) {
          if (goro::select(goro::send(results, result{path, digest(path)}), goro::recv(done)) == 1) return;
        }
      });
    digesters.wait();
    results.close();
  });
  return results;
}

int main() {
  return goro::run([] {
    std::string root = fs::temp_directory_path() / "goro_XXXXXX";
    if (mkdtemp(root.data()) == nullptr) return 1;
    const goro::defer remove{[&] { fs::remove_all(root); }};
    for (int i = 0; i < 40; ++i) {
      const fs::path directory = fs::path(root) / std::to_string(i % 10);
      fs::create_directories(directory);
      std::ofstream(directory / std::to_string(i)) << std::string(1000, static_cast<char>('a' + i % 26));
    }

    std::map<fs::path, std::uint64_t> sums, expected;
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.is_regular_file()) expected[entry.path()] = digest(entry.path());
    }
    const auto done = goro::make_chan<void>();
    for (auto&& r : digest_files(done, walk_files(done, root))) sums[r.path] = r.sum;
    std::cout << sums.size() << " files, as one after another: " << (sums == expected ? "yes" : "no") << '\n'
              << "at most 4 at once: " << (most_at_once <= num_digesters ? "yes" : "no") << '\n';

    const auto some = digest_files(done, walk_files(done, root));
    for (int i = 0; i < 3; ++i) (void)some.recv();
    done.close();
    while (goro::num_goroutine() > 1) goro::sleep(1ms);
    std::cout << "three were enough, and everybody has left\n";
    return 0;
  });
}
