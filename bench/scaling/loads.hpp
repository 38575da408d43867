// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

// Work of a few goroutines on things of their own. It keeps one processor busy, and nothing in it concerns another.
struct load {
  std::string_view name;
  std::string_view what;
  std::int64_t operations;        // that keep a processor busy for about ten milliseconds
  void (*run)(std::int64_t n);    // does n of them, and returns when they are done
  bool for_one = false;           // more processors are of no use to it
};

std::span<const load> message_loads();
std::span<const load> other_loads();
