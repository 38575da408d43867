// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <exception>
#include <stdexcept>
#include <string>

#include <goro/detail/ref.hpp>

namespace goro {
namespace detail {
struct panic_origin;
}

/// What Go panics on: a bug in the program that the goroutine's own code may still handle, such as a send on a
/// closed channel. what() is Go's text without the leading "panic: ". User code may throw it too.
///
/// One that leaves its goroutine ends the process: the text, the stack of the place where it was thrown and
/// "created by" go to standard error, and the exit status is 2. It remembers where it was made: one that is kept and
/// thrown again elsewhere shows the first place.
class panic : public std::runtime_error {
 public:
  explicit panic(const std::string& text);
  explicit panic(const char* text);
  panic(const panic&) noexcept;
  panic& operator=(const panic&) noexcept;
  ~panic() override;

 private:
  friend struct detail::panic_origin;
  detail::ref<detail::ref_counted> origin_;
};

namespace detail {

[[noreturn]] void throw_panic(const char* text);
[[noreturn]] void throw_panic(const std::string& text);

/// In a catch (...): what was caught, to be kept. goexit() is no exception: it goes on.
[[nodiscard]] std::exception_ptr caught_exception();
/// The same for what counts as an error: a goro::panic goes on, too.
[[nodiscard]] std::exception_ptr caught_error();

/// Prints "fatal error: <text>", the dump of all goroutines, and exits with status 2. Cannot be caught.
[[noreturn]] void fatal(const char* text) noexcept;

}  // namespace detail
}  // namespace goro
