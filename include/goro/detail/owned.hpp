// SPDX-License-Identifier: BSL-1.0
// std::unique_ptr and a move-only std::function<void()>, as far as they are needed here: <memory> and <functional>
// would be half of what #include <goro/goro.hpp> costs.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace goro::detail {

/// Deletes what it points to.
template <class T>
class owner {
 public:
  owner() = default;
  explicit owner(T* object) noexcept : object_(object) {}
  template <std::derived_from<T> U>
  owner(owner<U>&& other) noexcept : object_(other.release()) {}
  owner(owner&& other) noexcept : object_(other.release()) {}
  owner& operator=(owner&& other) noexcept {
    if (this != &other) delete std::exchange(object_, other.release());
    return *this;
  }
  ~owner() { delete object_; }

  explicit operator bool() const noexcept { return object_ != nullptr; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  T* release() noexcept { return std::exchange(object_, nullptr); }

 private:
  T* object_ = nullptr;
};

/// A function to be called later, copyable or not. A small one that is no more than its bytes needs no allocation.
class owned_function {
 public:
  owned_function() = default;
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, owned_function>)
  owned_function(F&& f) {
    using stored = std::decay_t<F>;
    if constexpr (is_small<stored>) {
      ::new (static_cast<void*>(room_)) stored(std::forward<F>(f));
    } else {
      ::new (static_cast<void*>(room_)) stored*(new stored(std::forward<F>(f)));
    }
    kind_ = &kind_of<stored>;
  }
  owned_function(owned_function&& other) noexcept { take(other); }
  owned_function& operator=(owned_function&& other) noexcept {
    if (this != &other) {
      clear();
      take(other);
    }
    return *this;
  }
  ~owned_function() { clear(); }

  explicit operator bool() const noexcept { return kind_ != nullptr; }
  void operator()() { kind_->call(room_); }

 private:
  struct kind {
    void (*call)(void* room);
    void (*destroy)(void* room);  // null: nothing to do
  };
  static constexpr std::size_t room_size = 3 * sizeof(void*);

  template <class F>
  static constexpr bool is_small =
      std::is_trivially_copyable_v<F> && sizeof(F) <= room_size && alignof(F) <= alignof(void*);
  template <class F>
  static F& in(void* room) {
    if constexpr (is_small<F>) {
      return *static_cast<F*>(room);
    } else {
      return **static_cast<F**>(room);
    }
  }
  template <class F>
  static constexpr kind kind_of = {[](void* room) { static_cast<void>(in<F>(room)()); },
                                   is_small<F> ? nullptr : +[](void* room) { delete &in<F>(room); }};

  void take(owned_function& other) noexcept {
    kind_ = std::exchange(other.kind_, nullptr);
    if (kind_ != nullptr) std::memcpy(room_, other.room_, room_size);
  }
  void clear() noexcept {
    if (kind_ != nullptr && kind_->destroy != nullptr) kind_->destroy(room_);
    kind_ = nullptr;
  }

  const kind* kind_ = nullptr;
  alignas(void*) std::byte room_[room_size];  // a small function, or a pointer to a large one
};

}  // namespace goro::detail
