// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <concepts>
#include <cstdint>
#include <utility>

namespace goro::detail {

/// A base of what is shared: counts its references, and is deleted with the last one.
class ref_counted {
 public:
  /// For what is there for ever: counting would only make all threads write to one place.
  struct immortal {};

  ref_counted() = default;
  explicit ref_counted(immortal) noexcept : counted_(false) {}
  ref_counted(const ref_counted&) = delete;
  ref_counted& operator=(const ref_counted&) = delete;
  virtual ~ref_counted() = default;

  void retain() const noexcept {
    if (counted_) references_.fetch_add(1, std::memory_order_relaxed);
  }
  /// retain() while nobody else knows the object.
  void retain_unshared() const noexcept {
    references_.store(references_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }
  /// False: it is being destroyed.
  [[nodiscard]] bool try_retain() const noexcept {
    std::uint32_t n = references_.load(std::memory_order_relaxed);
    while (n != 0)
      if (references_.compare_exchange_weak(n, n + 1, std::memory_order_relaxed)) return true;
    return false;
  }
  void release() const noexcept {
    if (drop_reference()) const_cast<ref_counted*>(this)->dispose();
  }

 protected:
  /// True: it was the last.
  [[nodiscard]] bool drop_reference() const noexcept {
    return counted_ && references_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  /// The last reference is gone.
  virtual void dispose() noexcept { delete this; }

 private:
  mutable std::atomic<std::uint32_t> references_{1};
  const bool counted_ = true;
};

/// A reference to a T, or null.
template <class T>
class ref {
 public:
  ref() = default;
  /// Takes over the reference that the caller holds: ref(new T).
  explicit ref(T* adopted) noexcept : object_(adopted) {}
  static ref to(T& object) noexcept {
    object.retain();
    return ref(&object);
  }
  ref(const ref& other) noexcept : object_(other.object_) {
    if (object_ != nullptr) object_->retain();
  }
  ref(ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <std::derived_from<T> U>
  ref(ref<U> other) noexcept : object_(other.detach()) {}
  ref& operator=(ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~ref() {
    if (object_ != nullptr) object_->release();
  }

  explicit operator bool() const noexcept { return object_ != nullptr; }
  T& operator*() const noexcept { return *object_; }
  T* operator->() const noexcept { return object_; }
  [[nodiscard]] T* get() const noexcept { return object_; }
  [[nodiscard]] T* detach() noexcept { return std::exchange(object_, nullptr); }

 private:
  T* object_ = nullptr;
};

}  // namespace goro::detail
