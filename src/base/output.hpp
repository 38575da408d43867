// SPDX-License-Identifier: BSL-1.0
// Text to standard error without allocation: what a dying process can still do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace goro::runtime {

class output {
 public:
  explicit output(int fd = 2) noexcept : fd_(fd) {}
  output(const output&) = delete;
  output& operator=(const output&) = delete;
  ~output() { flush(); }

  output& operator<<(std::string_view text) noexcept;
  output& operator<<(const char* text) noexcept { return *this << std::string_view(text); }
  output& operator<<(char c) noexcept { return *this << std::string_view(&c, 1); }
  output& operator<<(std::uint64_t n) noexcept;
  output& operator<<(std::uint32_t n) noexcept { return *this << std::uint64_t{n}; }
  output& operator<<(int n) noexcept;
  output& hex(std::uint64_t n) noexcept;
  /// Continuation lines are indented with a tab, as Go prints a panic's text.
  output& indented(std::string_view text) noexcept;
  void flush() noexcept;

 private:
  int fd_;
  std::size_t used_ = 0;
  char buffer_[512];
};

}  // namespace goro::runtime
