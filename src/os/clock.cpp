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
  constexpr std::uint64_t undisturbed = 300;
  constexpr std::uint64_t ticks_to_measure = std::uint64_t{1} << 22;
  before_ = ticks();
  seen_ = now_ns();
  took_ = ticks() - before_;
  if (known_ == 0) return seen_;
  if (before_ - begun_at_ >= ticks_to_measure) measure();
  soon_ = took_ < undisturbed ? window_ : 0;
  return seen_;
}

/// Two measurements in a row have to agree: while the machine is suspended ticks go on, and the clock does not.
void due_clock::measure() noexcept {
  constexpr std::uint64_t most_ticks = std::uint64_t{1} << 40;  // more would overflow
  const std::uint64_t passed = before_ - begun_at_;
  const duration_of_ticks each = passed <= most_ticks ? (static_cast<std::uint64_t>(seen_ - begun_) << 20) / passed : 0;
  // By a thousandth for the clock's adjustments, on either side; below also for how long the look before this one took.
  const bool agrees = each != 0 && each - each / 1024 <= measured_ && measured_ <= each + each / 1024;
  begun_at_ = before_ + took_;
  begun_ = seen_;
  measured_ = each;
  least_ = agrees ? each - each / 512 : 0;
  most_ = agrees ? each + each / 1024 : longest;
  window_ = agrees ? (std::uint64_t{20'000} << 20) / most_ : window_at_first;  // 20 us: the bounds are 60 ns apart
}

}  // namespace goro::runtime
