// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <stdexcept>
#include <utility>

/// A value that knows how many of its kind exist, and whose copies throw on request.
class tracked {
 public:
  explicit tracked(int number) : value(number) { ++alive; }
  tracked(const tracked& other) : value(other.value) {
    if (copies_throw) throw std::runtime_error("copy refused");
    ++copies;
    ++alive;
  }
  tracked(tracked&& other) noexcept : value(std::exchange(other.value, moved_from)) { ++alive; }
  tracked& operator=(const tracked&) = default;
  tracked& operator=(tracked&& other) noexcept {
    value = std::exchange(other.value, moved_from);
    return *this;
  }
  ~tracked() { --alive; }
  friend bool operator==(const tracked& a, int number) { return a.value == number; }

  static void reset() {
    copies = 0;
    copies_throw = false;
  }

  static constexpr int moved_from = -1;
  static inline std::atomic<int> alive = 0;
  static inline std::atomic<int> copies = 0;
  static inline std::atomic<bool> copies_throw = false;

  int value;
};
