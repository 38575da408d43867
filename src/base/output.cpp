// SPDX-License-Identifier: BSL-1.0
#include "base/output.hpp"

#include <cerrno>
#include <cstring>

#include <unistd.h>

namespace goro::runtime {

output& output::operator<<(std::string_view text) noexcept {
  while (!text.empty()) {
    if (used_ == sizeof buffer_) flush();
    const std::size_t n = text.size() < sizeof buffer_ - used_ ? text.size() : sizeof buffer_ - used_;
    std::memcpy(buffer_ + used_, text.data(), n);
    used_ += n;
    text.remove_prefix(n);
  }
  return *this;
}

output& output::operator<<(std::uint64_t n) noexcept {
  char digits[20];
  std::size_t at = sizeof digits;
  do digits[--at] = static_cast<char>('0' + n % 10);
  while ((n /= 10) != 0);
  return *this << std::string_view(digits + at, sizeof digits - at);
}

output& output::operator<<(int n) noexcept {
  if (n < 0) return *this << '-' << static_cast<std::uint64_t>(-static_cast<std::int64_t>(n));
  return *this << static_cast<std::uint64_t>(n);
}

output& output::hex(std::uint64_t n) noexcept {
  char digits[16];
  std::size_t at = sizeof digits;
  do digits[--at] = "0123456789abcdef"[n % 16];
  while ((n /= 16) != 0);
  return *this << "0x" << std::string_view(digits + at, sizeof digits - at);
}

output& output::indented(std::string_view text) noexcept {
  for (const char c : text) {
    *this << c;
    if (c == '\n') *this << '\t';
  }
  return *this;
}

void output::flush() noexcept {
  std::size_t done = 0;
  while (done < used_) {
    const ssize_t n = ::write(fd_, buffer_ + done, used_ - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  used_ = 0;
}

}  // namespace goro::runtime
