// SPDX-License-Identifier: BSL-1.0
#include "os/clock.hpp"

#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace goro::runtime {

namespace {

bool kernel_uses_the_counter() noexcept {
  const int file = ::open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  char name[32];
  const ssize_t length = ::read(file, name, sizeof name);
  ::close(file);
  return length > 0 && std::string_view(name, static_cast<std::size_t>(length)) == "tsc\n";
}

}  // namespace

bool ticks_tell_time() noexcept {
  static const bool known = ticks() != 0 && kernel_uses_the_counter();
  return known;
}

std::int64_t due_clock::look() noexcept {
  seen_at_ = ticks();  // before the clock is read
  return seen_ = now_ns();
}

std::int64_t due_clock::look(std::uint64_t at) noexcept {
  seen_at_ = at;
  seen_ = now_ns();
  return last_ = std::max(last_ + 1, seen_);
}

}  // namespace goro::runtime
