// SPDX-License-Identifier: BSL-1.0
#include <goro/pipeline/lines.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <istream>
#include <memory>
#include <optional>
#include <streambuf>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include <goro/go.hpp>

namespace goro::pipeline {
namespace {

constexpr std::size_t block_size = std::size_t{64} << 10;

class file {
 public:
  explicit file(std::string path) : path_(std::move(path)) {}
  file(file&& other) noexcept : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}
  file& operator=(file&&) = delete;
  ~file() {
    if (fd_ >= 0) ::close(fd_);
  }

  [[nodiscard]] const std::string& name() const noexcept { return path_; }
  /// 0 at the end.
  std::size_t read(char* into, std::size_t size) {
    int error = 0;
    const char* what = "cannot open ";
    ssize_t n = 0;
    goro::blocking([&] {
      if (fd_ < 0) fd_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC);
      if (fd_ >= 0) {
        what = "cannot read ";
        do n = ::read(fd_, into, size);
        while (n < 0 && errno == EINTR);
      }
      if (fd_ < 0 || n < 0) error = errno;
    });
    if (error != 0) throw std::system_error(error, std::generic_category(), "goro::pipeline::lines: " + (what + path_));
    return static_cast<std::size_t>(n);
  }

 private:
  std::string path_;
  int fd_ = -1;
};

class stream {
 public:
  explicit stream(std::istream& in) : in_(in) {}

  [[nodiscard]] static std::string name() { return "the stream"; }
  /// What the stream has at hand, so that the lines of a terminal come one by one.
  std::size_t read(char* into, std::size_t size) {
    std::size_t n = 0;
    goro::blocking([&] {
      if (in_.eof()) return;
      if (!in_) throw std::ios_base::failure("goro::pipeline::lines: the stream has failed");
      std::streambuf& buffer = *in_.rdbuf();
      if (std::streambuf::traits_type::eq_int_type(buffer.sgetc(), std::streambuf::traits_type::eof())) {
        in_.setstate(std::ios_base::eofbit);
        return;
      }
      const auto there = std::max<std::streamsize>(buffer.in_avail(), 1);
      n = static_cast<std::size_t>(buffer.sgetn(into, std::min(there, static_cast<std::streamsize>(size))));
    });
    return n;
  }

 private:
  std::istream& in_;
};

template <class Input>
class line_reader {
 public:
  line_reader(Input in, std::size_t longest) : in_(std::move(in)), longest_(longest) {}

  std::optional<std::string> operator()() {
    if (block_ == nullptr) block_ = std::make_unique<char[]>(block_size);
    std::string line;
    for (;;) {
      const char* const newline = static_cast<const char*>(std::memchr(block_.get() + begin_, '\n', end_ - begin_));
      const std::size_t end = newline != nullptr ? static_cast<std::size_t>(newline - block_.get()) : end_;
      if (end - begin_ > longest_ - line.size()) refuse_line();
      line.append(block_.get() + begin_, end - begin_);
      begin_ = end;
      if (newline != nullptr) {
        ++begin_;
        return line;
      }
      begin_ = 0;
      end_ = in_.read(block_.get(), block_size);
      if (end_ != 0) continue;
      if (line.empty()) return std::nullopt;
      return line;
    }
  }

 private:
  [[noreturn]] void refuse_line() const {
    throw std::system_error(std::make_error_code(std::errc::value_too_large),
                            "goro::pipeline::lines: " + std::string(in_.name()) + " has a line of more than " +
                                std::to_string(longest_) + " bytes: lines() takes the number as its second argument");
  }

  Input in_;
  std::size_t longest_;
  std::unique_ptr<char[]> block_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

template <class Input>
source<std::string> lines_of(Input in, std::ptrdiff_t longest) {
  detail::check_number("lines", longest, "bytes a line", 1);
  return generate(line_reader<Input>(std::move(in), static_cast<std::size_t>(longest)));
}

}  // namespace

source<std::string> lines(std::string path, std::ptrdiff_t longest) { return lines_of(file(std::move(path)), longest); }
source<std::string> lines(std::istream& in, std::ptrdiff_t longest) { return lines_of(stream(in), longest); }

}  // namespace goro::pipeline
