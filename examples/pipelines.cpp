// SPDX-License-Identifier: BSL-1.0
// A pipeline: a file of lines, which this makes first, is read through parse -> filter -> aggregate, in as much memory as
// some hundred lines take, however long it is. Progress goes to standard error if that is a terminal.
//
//   pipelines [megabytes] [directory]   1 megabyte, in the directory for temporary files, unless told otherwise
#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <unistd.h>

#include <goro/goro.hpp>
#include <goro/pipeline.hpp>

namespace gp = goro::pipeline;
using std::chrono::duration;
using std::chrono::steady_clock;

struct request {
  int status = 0;
  std::uint64_t bytes = 0;
  std::string page;
};

struct totals {
  std::uint64_t requests = 0;
  std::uint64_t bytes = 0;
  friend bool operator==(const totals&, const totals&) = default;
};
using per_page = std::map<std::string, totals, std::less<>>;

constexpr std::string_view pages[] = {"/", "/about", "/search", "/download"};

/// What an access log has besides.
constexpr const char* rest = "203.0.113.7 \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"";

/// Writes lines such as "200 2718 /about ...", one in ten of another status, and says what is in those of status 200.
per_page write_log(const std::string& path, std::uint64_t size) {
  per_page sums;
  std::FILE* const file = std::fopen(path.c_str(), "w");
  if (file == nullptr) throw std::system_error(errno, std::generic_category(), path);
  std::uint64_t random = 1;
  for (std::uint64_t written = 0; written < size;) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const int status = (random >> 33) % 10 == 0 ? 404 : 200;
    const std::uint64_t bytes = (random >> 40) % 10'000;
    const std::string_view page = pages[(random >> 37) % 4];
    const int n =
        std::fprintf(file, "%d %llu %s %s\n", status, static_cast<unsigned long long>(bytes), page.data(), rest);
    if (n < 0) throw std::system_error(errno, std::generic_category(), path);
    written += static_cast<std::uint64_t>(n);
    if (status != 200) continue;
    auto& sum = sums[std::string(page)];
    ++sum.requests;
    sum.bytes += bytes;
  }
  if (std::fclose(file) != 0) throw std::system_error(errno, std::generic_category(), path);
  return sums;
}

request parse(const std::string& line) {
  request r;
  const char* const end = line.data() + line.size();
  const auto [after_status, bad_status] = std::from_chars(line.data(), end, r.status);
  if (bad_status != std::errc() || after_status == end) throw std::runtime_error("not a request: " + line);
  const auto [after_bytes, bad_bytes] = std::from_chars(after_status + 1, end, r.bytes);
  if (bad_bytes != std::errc() || after_bytes == end) throw std::runtime_error("not a request: " + line);
  r.page.assign(after_bytes + 1, std::find(after_bytes + 1, end, ' '));
  return r;
}

/// "lines, megabytes, megabytes a second", every 200 ms and at the end.
class progress {
 public:
  void operator()(const std::string& line) {
    ++lines_;
    bytes_ += line.size() + 1;
    if (lines_ % 1024 != 0) return;
    const auto now = steady_clock::now();
    if (now < next_) return;
    next_ = now + std::chrono::milliseconds(200);
    print('\r');
  }
  void finish() const { print('\n'); }

 private:
  void print(char end) const {
    if (!is_watched_) return;
    const double megabytes = static_cast<double>(bytes_) / 1e6;
    const double seconds = duration<double>(steady_clock::now() - start_).count();
    std::fprintf(stderr, "%llu lines, %.1f MB, %.1f MB/s%c", static_cast<unsigned long long>(lines_), megabytes,
                 megabytes / seconds, end);
  }

  const bool is_watched_ = isatty(STDERR_FILENO) == 1;
  const steady_clock::time_point start_ = steady_clock::now();
  steady_clock::time_point next_ = start_;
  std::uint64_t lines_ = 0;
  std::uint64_t bytes_ = 0;
};

per_page read_log(const std::string& path) {
  progress seen;
  per_page sums = gp::lines(path) | gp::tee([&](const std::string& line) { seen(line); }) | gp::map(parse) |
                  gp::filter([](const request& r) { return r.status == 200; }) |
                  gp::fold(per_page(), [](per_page all, request r) {
                    auto& sum = all[std::move(r.page)];
                    ++sum.requests;
                    sum.bytes += r.bytes;
                    return all;
                  });
  seen.finish();
  return sums;
}

struct temporary {
  std::string path;
  ~temporary() { std::remove(path.c_str()); }
};

int main(int argc, char** argv) {
  const std::uint64_t megabytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  const std::filesystem::path directory = argc > 2 ? argv[2] : std::filesystem::temp_directory_path();
  const temporary file{directory /
                       ("goro_pipelines_" + std::to_string(steady_clock::now().time_since_epoch().count()))};
  return goro::run([&] {
    const per_page expected = goro::blocking([&] { return write_log(file.path, megabytes * 1'000'000); });
    const per_page sums = read_log(file.path);
    for (const auto& [page, sum] : sums)
      std::cout << page << ": " << sum.requests << " requests, " << sum.bytes << " bytes\n";
    std::cout << (sums == expected ? "as it was written\n" : "not as it was written\n");

    // Whoever has enough stops the reading; a line that cannot be parsed ends it with an exception.
    for (const request& r : gp::lines(file.path) | gp::map(parse) | gp::take(2))
      std::cout << r.status << ' ' << r.page << '\n';
    try {
      gp::merge(gp::lines(file.path), gp::from({std::string("nonsense")})) | gp::map(parse) |
          gp::for_each([](const request&) {});
    } catch (const std::exception& e) {
      std::cout << e.what() << '\n';
    }
    return sums == expected ? 0 : 1;
  });
}
