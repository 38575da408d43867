// SPDX-License-Identifier: BSL-1.0
// std::unique_ptr and a move-only std::function<void()>, as far as they are needed here: <memory> and <functional>
// would be half of what #include <goro/goro.hpp> costs.
#pragma once

#include <concepts>
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

/// A function to be called later, copyable or not.
class owned_function {
 public:
  owned_function() = default;
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, owned_function>)
  owned_function(F&& f) : function_(new some<std::decay_t<F>>(std::forward<F>(f))) {}

  explicit operator bool() const noexcept { return bool(function_); }
  void operator()() { function_->call(); }

 private:
  struct any {
    virtual ~any() = default;
    virtual void call() = 0;
  };
  template <class F>
  struct some final : any {
    template <class G>
    explicit some(G&& g) : f(std::forward<G>(g)) {}
    void call() override { static_cast<void>(f()); }
    F f;
  };
  owner<any> function_;
};

}  // namespace goro::detail
