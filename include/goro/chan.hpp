// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <iosfwd>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <goro/detail/channel.hpp>
#include <goro/detail/maybe.hpp>
#include <goro/detail/std_parts.hpp>
#include <goro/detail/type_name.hpp>
#include <goro/panic.hpp>

namespace goro {

template <class T>
class chan;
template <class T>
class send_chan;
template <class T>
class recv_chan;

namespace detail {

template <class T>
constexpr void check_element() {
  if constexpr (!std::is_void_v<T>) {
    static_assert(std::is_object_v<T> && !std::is_const_v<T>,
                  "goro::chan<T>: T must be a non-const object type or void");
    static_assert(std::is_nothrow_move_constructible_v<T>,
                  "goro::chan<T>: T must have a nothrow move constructor (send a std::unique_ptr<T> if it has none)");
  }
}

/// The reference that every channel handle is. Null is the nil channel.
class channel_handle {
 public:
  channel_handle() = default;
  explicit channel_handle(channel* adopted) noexcept : c_(adopted) {}
  channel_handle(const channel_handle& other) noexcept : c_(other.c_) { retain(c_); }
  channel_handle(channel_handle&& other) noexcept : c_(std::exchange(other.c_, nullptr)) {}
  channel_handle& operator=(const channel_handle& other) noexcept {
    retain(other.c_);
    release(std::exchange(c_, other.c_));
    return *this;
  }
  channel_handle& operator=(channel_handle&& other) noexcept {
    if (this != &other) release(std::exchange(c_, std::exchange(other.c_, nullptr)));
    return *this;
  }
  ~channel_handle() { release(c_); }

  explicit operator bool() const noexcept { return c_ != nullptr; }

  /// The number of buffered values; 0 for nil and unbuffered channels.
  [[nodiscard]] std::size_t len() const noexcept { return detail::length(c_); }
  /// The buffer's size; 0 for nil and unbuffered channels.
  [[nodiscard]] std::size_t cap() const noexcept { return detail::capacity(c_); }

  friend bool operator==(const channel_handle& a, const channel_handle& b) noexcept { return a.c_ == b.c_; }
  friend bool operator==(const channel_handle& a, std::nullptr_t) noexcept { return a.c_ == nullptr; }

  /// Prints the channel's address, or <nil>, as Go does.
  template <class Traits>
  friend std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& out, const channel_handle& ch) {
    return ch.c_ == nullptr ? out << "<nil>" : out << static_cast<const void*>(ch.c_);
  }

  [[nodiscard]] channel* core() const noexcept { return c_; }

 private:
  channel* c_ = nullptr;
};

/// The sending half of a handle's members. Self is the handle type, returned by << so that it chains.
template <class Self, class T>
class sender_of {
 public:
  /// Sends v. Blocks until a receiver or a place in the buffer takes it; for ever on a nil channel.
  /// Panics "send on closed channel", also when the close comes while it waits.
  /// An rvalue is moved from only once it is accepted. What v's copy throws leaves the channel untouched.
  void send(const T& v) const {
    T copy(v);
    give(copy);
  }
  void send(T&& v) const { give(v); }

  const Self& operator<<(const T& v) const {
    send(v);
    return self();
  }
  const Self& operator<<(T&& v) const {
    send(std::move(v));
    return self();
  }

  /// Sends v if that is possible at once. Never blocks; panics "send on closed channel".
  [[nodiscard]] bool try_send(const T& v) const {
    T copy(v);
    return try_give(copy);
  }
  [[nodiscard]] bool try_send(T&& v) const { return try_give(v); }

  /// No more values follow. Wakes all who wait: receivers get what is left, then "closed"; senders panic.
  /// Panics "close of closed channel" and "close of nil channel".
  void close() const { detail::close(self().core()); }

 private:
  const Self& self() const noexcept { return static_cast<const Self&>(*this); }

  void give(T& v) const {
    check_element<T>();
    if constexpr (is_small<T>) {
      if (try_buffer<T>(self().core(), std::addressof(v))) return;
    }
    detail::send(self().core(), std::addressof(v));
  }
  bool try_give(T& v) const {
    check_element<T>();
    if constexpr (is_small<T>) {
      if (try_buffer<T>(self().core(), std::addressof(v))) return true;
    }
    return detail::try_send(self().core(), std::addressof(v));
  }
};

template <class Self>
class sender_of<Self, void> {
 public:
  void send() const { detail::send(static_cast<const Self&>(*this).core(), nullptr); }
  [[nodiscard]] bool try_send() const { return detail::try_send(static_cast<const Self&>(*this).core(), nullptr); }
  void close() const { detail::close(static_cast<const Self&>(*this).core()); }
};

/// Receives until the channel is closed and drained; see the range-for example in docs.
template <class T>
class channel_iterator;

template <class Self, class T>
class receiver_of {
 public:
  /// Receives a value, or nothing once the channel is closed and drained. Blocks until one of both; for ever on a
  /// nil channel.
  std::optional<T> recv() const {
    std::optional<T> result;
    take([&](T&& v) { result.emplace(std::move(v)); });
    return result;
  }

  /// Go's `x, ok = <-ch`: x becomes the value received, or T{} once the channel is closed and drained.
  template <class U>
    requires std::is_assignable_v<U&, T>
  bool operator>>(U& x) const {
    if (take([&](T&& v) { x = std::move(v); })) return true;
    x = T{};
    return false;
  }

  /// Receives a value if one is there. Never blocks. `closed` sets x to T{}; `empty` leaves it alone.
  template <class U>
    requires std::is_assignable_v<U&, T>
  [[nodiscard]] recv_status try_recv(U& x) const {
    check_element<T>();
    channel* const c = self().core();
    if (recv_would_wait(c)) return recv_status::empty;
    maybe<T> room;
    const recv_status status = detail::try_recv(c, std::addressof(room.value));
    if (status == recv_status::ok) {
      const destroyer destroy{room};
      x = std::move(room.value);
    } else if (status == recv_status::closed) {
      x = T{};
    }
    return status;
  }

  [[nodiscard]] channel_iterator<T> begin() const { return channel_iterator<T>(self()); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  struct destroyer {
    maybe<T>& room;
    ~destroyer() { room.value.~T(); }
  };

  const Self& self() const noexcept { return static_cast<const Self&>(*this); }

  template <class Store>
  bool take(Store store) const {
    check_element<T>();
    maybe<T> room;
    if constexpr (is_small<T>) {
      if (try_unbuffer<T>(self().core(), std::addressof(room.value))) {
        store(std::move(room.value));
        return true;
      }
    }
    if (!detail::recv(self().core(), std::addressof(room.value))) return false;
    const destroyer destroy{room};
    store(std::move(room.value));
    return true;
  }
};

template <class Self>
class receiver_of<Self, void> {
 public:
  /// True if a send was received, false once the channel is closed and drained.
  bool recv() const { return detail::recv(self().core(), nullptr); }

  [[nodiscard]] recv_status try_recv() const {
    channel* const c = self().core();
    if (recv_would_wait(c)) return recv_status::empty;
    return detail::try_recv(c, nullptr);
  }

  template <class V = void>
  [[nodiscard]] channel_iterator<V> begin() const {
    return channel_iterator<V>(self());
  }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

 private:
  const Self& self() const noexcept { return static_cast<const Self&>(*this); }
};

}  // namespace detail

/// A channel: Go's `chan T`. A handle to a shared queue of values; copies denote the same channel, and the last one
/// frees it together with what is still buffered. The default-constructed one is nil.
///
/// Any number of goroutines and plain threads may use one channel with no further synchronisation. Values are
/// received in the order in which their sends were accepted, waiters are served first come, first served.
///
/// Ordering:  a send happens before the receive of its value completes; the k-th receive happens before the
///            (k + capacity)-th send completes; close() happens before a receive that reports it.
template <class T>
class chan : public detail::channel_handle,
             public detail::sender_of<chan<T>, T>,
             public detail::receiver_of<chan<T>, T> {
 public:
  using value_type = T;
  using detail::channel_handle::channel_handle;
};

/// Go's `chan<- T`: may be sent on and closed.
template <class T>
class send_chan : public detail::channel_handle, public detail::sender_of<send_chan<T>, T> {
 public:
  using value_type = T;
  using detail::channel_handle::channel_handle;
  send_chan(const chan<T>& ch) noexcept : detail::channel_handle(ch) {}
  send_chan(chan<T>&& ch) noexcept : detail::channel_handle(std::move(ch)) {}
};

/// Go's `<-chan T`: may be received from and ranged over.
template <class T>
class recv_chan : public detail::channel_handle, public detail::receiver_of<recv_chan<T>, T> {
 public:
  using value_type = T;
  using detail::channel_handle::channel_handle;
  recv_chan(const chan<T>& ch) noexcept : detail::channel_handle(ch) {}
  recv_chan(chan<T>&& ch) noexcept : detail::channel_handle(std::move(ch)) {}
};

/// Makes a channel with room for `capacity` values; 0 is an unbuffered one, where a send waits for its receiver.
/// Panics "makechan: size out of range" if capacity is negative or too large.
template <class T>
[[nodiscard]] chan<T> make_chan(std::ptrdiff_t capacity = 0) {
  detail::check_element<T>();
  return chan<T>(detail::make_channel(capacity, detail::element_of<T>));
}

namespace detail {

template <class T>
class channel_iterator {
 public:
  using value_type = T;
  using difference_type = std::ptrdiff_t;

  explicit channel_iterator(const recv_chan<T>& from) : from_(from), value_(from_.recv()) {}
  channel_iterator(channel_iterator&&) noexcept = default;
  channel_iterator& operator=(channel_iterator&&) noexcept = default;

  T&& operator*() const noexcept { return std::move(*value_); }
  channel_iterator& operator++() {
    value_.reset();
    if (std::optional<T> next = from_.recv()) value_.emplace(std::move(*next));
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const channel_iterator& it, std::default_sentinel_t) noexcept { return !it.value_; }

 private:
  recv_chan<T> from_;
  mutable std::optional<T> value_;
};

template <>
class channel_iterator<void> {
 public:
  using value_type = std::monostate;
  using difference_type = std::ptrdiff_t;

  explicit channel_iterator(const recv_chan<void>& from) : from_(from), open_(from_.recv()) {}

  std::monostate operator*() const noexcept { return {}; }
  channel_iterator& operator++() {
    open_ = from_.recv();
    return *this;
  }
  void operator++(int) { ++*this; }
  friend bool operator==(const channel_iterator& it, std::default_sentinel_t) noexcept { return !it.open_; }

 private:
  recv_chan<void> from_;
  bool open_;
};

template <class T>
struct type_name_of<chan<T>> {
  static std::string get() { return "chan " + goro::type_name<T>(); }
};
template <class T>
struct type_name_of<chan<recv_chan<T>>> {  // Go's grammar: chan (<-chan T)
  static std::string get() { return "chan (" + goro::type_name<recv_chan<T>>() + ")"; }
};
template <class T>
struct type_name_of<send_chan<T>> {
  static std::string get() { return "chan<- " + goro::type_name<T>(); }
};
template <class T>
struct type_name_of<recv_chan<T>> {
  static std::string get() { return "<-chan " + goro::type_name<T>(); }
};
template <>
struct type_name_of<void> {
  static std::string get() { return "void"; }
};

}  // namespace detail
}  // namespace goro

template <class T>
struct std::hash<goro::chan<T>> {
  std::size_t operator()(const goro::chan<T>& ch) const noexcept { return std::hash<const void*>{}(ch.core()); }
};
template <class T>
struct std::hash<goro::send_chan<T>> {
  std::size_t operator()(const goro::send_chan<T>& ch) const noexcept { return std::hash<const void*>{}(ch.core()); }
};
template <class T>
struct std::hash<goro::recv_chan<T>> {
  std::size_t operator()(const goro::recv_chan<T>& ch) const noexcept { return std::hash<const void*>{}(ch.core()); }
};
