// SPDX-License-Identifier: BSL-1.0
// What several tests of contexts need.
#pragma once

#include <exception>
#include <string>
#include <system_error>
#include <utility>

#include <goro/context.hpp>

/// Adds nothing to the context inside.
struct wrapper : goro::context_base {
  explicit wrapper(goro::context c) : inside(std::move(c)) {}
  goro::recv_chan<void> done() const override { return inside.done(); }
  std::error_code err() const override { return inside.err(); }
  goro::context inner() const override { return inside; }
  const goro::context inside;
};

inline std::string text_of(const std::exception_ptr& cause) {
  if (cause == nullptr) return "none";
  try {
    std::rethrow_exception(cause);
  } catch (const std::system_error& e) {
    return e.code().message();
  } catch (const std::exception& e) {
    return e.what();
  }
}
