// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <new>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include <goro/panic.hpp>

namespace goro {

/// How a goroutine is started. Both members are optional.
struct go_options {
  std::string_view name{};     ///< Shown in dumps; at most 31 bytes are kept.
  std::size_t stack_size = 0;  ///< In bytes; 0 is the default of 256 KiB. Only what is touched is ever committed.
};

/// What run() does with the goroutines that are still there when the main function returns.
enum class leftover {
  abandon,  ///< They never run again, silently: Go's rule.
  report,   ///< The same, and each is listed on standard error.
};

struct run_options {
  int max_procs = 0;           ///< gomaxprocs() for the duration of the run; 0 leaves it alone.
  std::size_t stack_size = 0;  ///< Of the main goroutine; 0 is what a thread of the process would get (ulimit -s).
  leftover leftovers = leftover::abandon;
};

namespace detail {

struct goroutine;

/// A goroutine that is being made: room for the closure first, then start() or cancel().
struct new_goroutine {
  goroutine* g;
  void* closure;
};
[[nodiscard]] new_goroutine begin_spawn(std::size_t size, std::size_t align, const go_options& options);
void start_spawn(new_goroutine made, void (*run)(void* closure));
void cancel_spawn(new_goroutine made) noexcept;

[[noreturn]] void go_of_nil_func();

/// Whether the caller may run what a goroutine was started for: it is one, with three quarters of its stack free.
[[nodiscard]] bool can_call_apart() noexcept;
/// Calls f as a goroutine of its own would: a panic ends the process, and goexit() only f.
void call_apart(void (*f)(void* argument), void* argument) noexcept;

template <class F>
constexpr bool is_empty_function(const F& f) {
  if constexpr (std::is_pointer_v<F> || std::is_member_pointer_v<F>) {
    return f == nullptr;
  } else if constexpr (requires {
                         { f == nullptr } -> std::convertible_to<bool>;
                       }) {
    return f == nullptr;
  } else {
    return false;
  }
}

template <class F, class... Args>
struct closure {
  F f;
  std::tuple<Args...> args;

  /// Destroys the closure when the call is over, whichever way it ends: exactly once, inside its goroutine.
  static void run(void* memory) {
    struct owner {
      closure* self;
      ~owner() { self->~closure(); }
    } owned{static_cast<closure*>(memory)};
    static_cast<void>(std::apply(std::move(owned.self->f), std::move(owned.self->args)));
  }
};

template <class F, class... Args>
[[gnu::always_inline]] inline void spawn(const go_options& options, F&& f, Args&&... args) {
  using made = closure<std::decay_t<F>, std::decay_t<Args>...>;
  static_assert(
      std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>,
      "goro::go(f, args...): f must be callable with the arguments as rvalues (use std::ref for a reference)");
  if (is_empty_function<std::decay_t<F>>(f)) go_of_nil_func();
  const new_goroutine slot = begin_spawn(sizeof(made), alignof(made), options);
  if constexpr (std::is_nothrow_constructible_v<std::decay_t<F>, F> &&
                (std::is_nothrow_constructible_v<std::decay_t<Args>, Args> && ...)) {
    ::new (slot.closure) made{std::forward<F>(f), {std::forward<Args>(args)...}};
  } else {
    try {
      ::new (slot.closure) made{std::forward<F>(f), {std::forward<Args>(args)...}};
    } catch (...) {
      cancel_spawn(slot);
      throw;
    }
  }
  start_spawn(slot, &made::run);
}

using main_function = int (*)(void*);
int run_main(const run_options& options, main_function call, void* context);

struct blocking_section {  // the calling goroutine has no processor while one of these lives
  blocking_section();
  ~blocking_section();
  blocking_section(const blocking_section&) = delete;
  blocking_section& operator=(const blocking_section&) = delete;
};

void* local_get(const void* key) noexcept;
void local_set(const void* key, void* value, void (*destroy)(void*));  // owns value, also if it throws
void defer_threw_while_unwinding() noexcept;

}  // namespace detail

/// Starts f(args...) in a new goroutine and returns at once. f and args are decay-copied or moved in the caller,
/// as std::thread does, and destroyed in the goroutine when the call has ended.
///
/// Blocks:    never.
/// Panics:    goro::panic if options.stack_size is below the minimum; what copying f or an argument throws leaves
///            nothing behind. An empty function is fatal: "go of nil func value".
/// Ordering:  everything before go() happens before the first action of f.
/// Errors:    an exception that leaves f ends the process with its trace and exit status 2.
template <class F, class... Args>
  requires(!std::same_as<std::remove_cvref_t<F>, go_options>)
[[gnu::always_inline]] inline void go(F&& f, Args&&... args) {
  detail::spawn(go_options{}, std::forward<F>(f), std::forward<Args>(args)...);
}

template <class F, class... Args>
[[gnu::always_inline]] inline void go(const go_options& options, F&& f, Args&&... args) {
  detail::spawn(options, std::forward<F>(f), std::forward<Args>(args)...);
}

/// Runs main_fn as goroutine 1 and returns when it returns: its int, or 0. The goroutines still there then never
/// run again and none of their destructors run; run() may be called again afterwards. What they hold or wait for stays so:
/// a lock that outlives run() may stay locked.
///
/// Blocks:    the calling thread, which must not be a goroutine and must be the only one in run().
/// Errors:    an exception that leaves main_fn ends the process like that of any goroutine.
template <class F>
int run(const run_options& options, F&& main_fn) {
  using function = std::remove_reference_t<F>;
  if (detail::is_empty_function<std::decay_t<F>>(main_fn)) detail::go_of_nil_func();
  return detail::run_main(
      options,
      [](void* context) -> int {
        auto& f = *static_cast<function*>(context);
        if constexpr (std::is_convertible_v<std::invoke_result_t<function&>, int>) {
          return f();
        } else {
          static_cast<void>(f());
          return 0;
        }
      },
      const_cast<void*>(static_cast<const void*>(std::addressof(main_fn))));
}

template <class F>
int run(F&& main_fn) {
  return run(run_options{}, std::forward<F>(main_fn));
}

/// Lets other goroutines run; the caller stays runnable and goes to the back of the queue.
void gosched();

/// Ends the calling goroutine by unwinding it: destructors and deferred calls run. Not an exception to be handled:
/// catch (...) must rethrow it, and swallowing it is fatal. In the main goroutine the others go on.
[[noreturn]] void goexit();

/// How many goroutines run at the same time. n > 0 sets it. Returns the previous value. The default is the number
/// of CPUs this process may use, the cgroup quota included; GORO_MAXPROCS in the environment overrides it.
int gomaxprocs(int n = 0);

/// The number of goroutines that exist, the main one included.
std::size_t num_goroutine();

/// The number of CPUs that this process may run on.
int num_cpu();

/// The calling goroutine's number, for logs only; 0 on a thread that is no goroutine.
std::uint64_t goid();

/// Ties the calling goroutine to its OS thread while it lives: nobody else runs there, it runs nowhere else. Nests.
/// A goroutine that ends while tied takes its thread with it. On a plain thread it does nothing.
class os_thread_lock {
 public:
  os_thread_lock();
  ~os_thread_lock();
  os_thread_lock(const os_thread_lock&) = delete;
  os_thread_lock& operator=(const os_thread_lock&) = delete;
};

/// Runs f, which may block in the operating system for long, without holding a processor meanwhile, and returns its
/// result. Other goroutines go on. Cheap enough for a system call of a few microseconds or more.
template <class F>
decltype(auto) blocking(F&& f) {
  const detail::blocking_section section;
  return std::forward<F>(f)();
}

/// What thread_local is not: a variable of the goroutine, wherever it runs. Made on first use, destroyed when the
/// goroutine ends. On a plain thread it is a variable of that thread. Objects of this type must outlive their use
/// by every goroutine: give them static storage.
template <class T>
class goroutine_local {
 public:
  goroutine_local() = default;
  goroutine_local(const goroutine_local&) = delete;
  goroutine_local& operator=(const goroutine_local&) = delete;

  [[nodiscard]] T& get() const {
    if (void* there = detail::local_get(this)) return *static_cast<T*>(there);
    T* const made = new T();
    detail::local_set(this, made, [](void* value) { delete static_cast<T*>(value); });
    return *made;
  }
  T& operator*() const { return get(); }
  T* operator->() const { return std::addressof(get()); }
};

/// Runs f at the end of its scope, last registered first, however the scope is left.
///
/// An exception thrown by f goes on as from any call, unless the scope is being left by another exception or by
/// goexit: then, as in Go, both are printed and the process ends with status 2.
template <class F>
class [[nodiscard]] defer {
 public:
  explicit defer(F f) : f_(std::move(f)) {}
  defer(const defer&) = delete;
  defer& operator=(const defer&) = delete;
  ~defer() noexcept(false) {
    if (std::uncaught_exceptions() == entered_with_) {
      f_();
      return;
    }
    try {
      f_();
    } catch (...) {
      detail::defer_threw_while_unwinding();
    }
  }

 private:
  F f_;
  int entered_with_ = std::uncaught_exceptions();
};

}  // namespace goro
