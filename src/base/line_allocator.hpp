// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <new>

namespace goro::runtime {

/// For a vector that begins with a cache line.
template <class T>
struct line_allocator {
  using value_type = T;
  static constexpr std::align_val_t line{64};

  line_allocator() = default;
  template <class U>
  explicit line_allocator(const line_allocator<U>&) noexcept {}

  [[nodiscard]] T* allocate(std::size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), line)); }
  void deallocate(T* at, std::size_t) noexcept { ::operator delete(at, line); }
  friend bool operator==(const line_allocator&, const line_allocator&) noexcept { return true; }
};

}  // namespace goro::runtime
