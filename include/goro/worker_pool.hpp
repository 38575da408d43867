// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <type_traits>
#include <utility>

#include <goro/context.hpp>
#include <goro/future.hpp>
#include <goro/go.hpp>
#include <goro/panic.hpp>

namespace goro {

/// How many goroutines work: never fewer than min, never more than max. Between them a worker is started for a task that
/// would otherwise wait, and ended when it has not been needed for idle_timeout.
struct worker_range {
  int min = 0;
  int max = 1;
  std::chrono::nanoseconds idle_timeout = std::chrono::seconds(1);
};

struct worker_pool_event {
  enum class kind {
    worker_started,
    worker_ended,
    task_done,
    task_failed,
    task_cancelled,
    task_refused,
  };
  kind what;
  std::uint64_t task = 0;  ///< Its number in the order of submission, from 1; 0: it is about a worker.
  int priority = 0;  ///< Of the task, as all below.
  std::chrono::nanoseconds waited{};  ///< In the queue.
  std::chrono::nanoseconds ran{};
  std::exception_ptr error{};  ///< What it threw, or what it was cancelled for.
};

struct worker_pool_options {
  std::size_t queue = 1024;  ///< How many tasks may wait for a worker; at least 1.
  context
      ctx{};  ///< When it is done, all tasks are cancelled, as by stop_now(). Tasks see its values. Nil: background.
  std::chrono::nanoseconds timeout{};  ///< For tasks that have none of their own; 0: none.
  /// A task is overtaken by no more than this many later ones for each level of priority that they are above it.
  int aging = 1000;
  /// Called at each event, by the goroutine or thread where it happened: several at a time. For logs; must not throw.
  std::function<void(const worker_pool_event&)> log{};
};

struct task_options {
  int priority = 0;  ///< Higher ones go first; equal ones in the order in which they came.
  std::chrono::nanoseconds timeout{};  ///< How long it may run; 0: as the pool's options say.
};

/// How long things took. A percentile is too high by 1/16 at most.
struct latency_stats {
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p90{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds p999{};
  std::chrono::nanoseconds max{};
};

/// At any one instant, submitted = done + failed + cancelled + refused + queued + running.
struct worker_pool_stats {
  std::uint64_t submitted = 0;
  std::uint64_t done = 0;  ///< Returned,
  std::uint64_t failed = 0;  ///< or threw, or left by goexit(),
  std::uint64_t cancelled = 0;  ///< or their context was done before: the function was not called, or was not over;
  std::uint64_t refused = 0;  ///< or were not taken in.
  std::size_t queued = 0;
  std::size_t running = 0;
  std::size_t overdue = 0;  ///< Cancelled, but their functions still run: each has a goroutine beside the workers.
  int workers = 0;
  latency_stats waited{};  ///< In the queue, of tasks that were started.
  latency_stats ran{};  ///< Of tasks that are done or failed.
};

/// What submit() throws when the pool takes no more tasks.
class worker_pool_closed : public std::runtime_error {
 public:
  worker_pool_closed()
      : std::runtime_error("goro::worker_pool: it was shut down, or its context is done: it takes no more tasks") {}
};

namespace detail {

class worker_pool_core;

/// A function on its way through a pool. What the pool knows of it is guarded by the pool's lock.
class pool_task : public ref_counted {
 public:
  explicit pool_task(const task_options& options) noexcept : options_(options) {}

  /// Calls the function, keeps how it ended, and destroys it.
  virtual void call(const context& ctx) = 0;
  /// Destroys the function if it was not called.
  virtual void drop() = 0;
  /// The future gets what call() has kept,
  virtual void settle() = 0;
  /// or an error.
  virtual void fail(std::exception_ptr error) = 0;
  [[nodiscard]] virtual bool returned() const noexcept = 0;
  [[nodiscard]] virtual const std::exception_ptr& thrown() const noexcept = 0;

 protected:
  bool panicking_ = false;

 private:
  friend worker_pool_core;
  const task_options options_;
  bool settled_ = false;  // by whoever counts it
  bool overdue_ = false;  // settled while its function runs
  bool has_room_ = true;  // it took one of the queue's places
  std::size_t running_at_ = 0;  // its index there
  std::uint64_t number_ = 0;
  clock::time_point submitted_;
  clock::time_point started_;
};

template <class F>
struct task_result : std::invoke_result<F&> {};
template <std::invocable<const context&> F>
struct task_result<F> : std::invoke_result<F&, const context&> {};

template <class T, class F>
class pool_task_of final : public pool_task {
 public:
  pool_task_of(const task_options& options, ref<future_state<T>> state, F&& f)
      : pool_task(options), f_(std::move(f)), state_(std::move(state)) {}
  pool_task_of(const task_options& options, ref<future_state<T>> state, const F& f)
      : pool_task(options), f_(f), state_(std::move(state)) {}

  void call(const context& ctx) override {
    const struct dropper {
      pool_task_of& self;
      ~dropper() { self.f_.reset(); }
    } drop_at_end{*this};
    try {
      outcome_.keep([&]() -> T {
        if constexpr (std::invocable<F&, const context&>) {
          return std::invoke(*f_, ctx);
        } else {
          return std::invoke(*f_);
        }
      });
    } catch (const panic&) {
      panicking_ = true;
      throw;
    }
  }
  void drop() override { f_.reset(); }
  void settle() override { state_->finish_with(std::move(outcome_)); }
  void fail(std::exception_ptr error) override { state_->fail(std::move(error)); }
  bool returned() const noexcept override { return outcome_.returned(); }
  const std::exception_ptr& thrown() const noexcept override { return outcome_.thrown(); }

 private:
  std::optional<F> f_;
  outcome<T> outcome_;  // the worker's alone: the future may have been given an error meanwhile
  ref<future_state<T>> state_;
};

}  // namespace detail

/// Goroutines that work off a bounded queue of tasks.
///
///   goro::worker_pool pool(4);
///   goro::future<int> answer = pool.submit([] { return compute(); });
///   pool.submit({.priority = 1, .timeout = 2s}, [](const goro::context& ctx) { fetch(ctx); });
///   use(answer.get());
///
/// A task is a function of no argument, or of the context that it runs under: its timeout's, below the pool's. What it
/// returns or throws comes out of its future. It is settled once, by its end or by its context's, whichever comes first:
/// then get() throws a std::system_error with context_errc::deadline_exceeded or canceled, at once, also if the function
/// pays no heed. A function that goes on nevertheless does not hold up the others: another worker takes the place of its
/// own.
///
/// Blocks:    submit() while the queue is full, but not in the pool's own tasks: nobody else could make room.
///            shutdown(), stop_now() and the destructor as they say.
/// Errors:    submit() throws worker_pool_closed. A goro::panic of a task is a bug, not an error: it ends the process.
/// Panics:    fewer workers than 1, a queue of 0, a negative timeout; shutdown() and stop_now() in one of the pool's own
///            tasks, which would wait for itself. An empty function is fatal, as it is for go().
/// Ordering:  submit() happens before the call of the task; its end happens before the return of get().
/// Lifetime:  not movable. What tasks capture must live until they have run. A task that waits for another one of its
///            pool holds a worker meanwhile; if all do, the pool stands still.
class worker_pool {
 public:
  /// Always so many.
  explicit worker_pool(int workers, worker_pool_options options = {});
  /// As many as are needed.
  explicit worker_pool(worker_range workers, worker_pool_options options = {});
  worker_pool(const worker_pool&) = delete;
  worker_pool& operator=(const worker_pool&) = delete;
  /// shutdown(), unless stop_now(ctx) has given up on what still runs.
  ~worker_pool();

  template <class F>
  auto submit(F&& f) {
    return submit(task_options(), std::forward<F>(f));
  }
  template <class F>
  auto submit(const task_options& options, F&& f) {
    auto made = make(options, std::forward<F>(f));
    wait_to_submit(std::move(made.task));
    return std::move(made.result);
  }
  /// Waits for room no longer than until ctx is done; then it throws a std::system_error with its err(). The context
  /// has nothing to do with how the task runs.
  template <class F>
  auto submit(const context& ctx, F&& f) {
    return submit(ctx, task_options(), std::forward<F>(f));
  }
  template <class F>
  auto submit(const context& ctx, const task_options& options, F&& f) {
    auto made = make(options, std::forward<F>(f));
    wait_to_submit(std::move(made.task), ctx);
    return std::move(made.result);
  }

  /// Nothing, if the queue is full or the pool takes no more tasks. Never blocks.
  template <class F>
  [[nodiscard]] auto try_submit(F&& f) {
    return try_submit(task_options(), std::forward<F>(f));
  }
  template <class F>
  [[nodiscard]] auto try_submit(const task_options& options, F&& f) {
    auto made = make(options, std::forward<F>(f));
    return submit_if_room(std::move(made.task)) ? std::optional(std::move(made.result)) : std::nullopt;
  }

  /// Takes no more tasks, and waits until all that were taken have ended.
  void shutdown();
  /// The context's error if it is done first: the tasks go on, and it may be called again.
  [[nodiscard]] std::error_code shutdown(const context& ctx);
  /// Takes no more tasks, cancels all that have not ended, and waits for the functions that run.
  void stop_now();
  /// The context's error if it is done first: the functions that still run are left to themselves, and the destructor
  /// will not wait for them either.
  [[nodiscard]] std::error_code stop_now(const context& ctx);

  [[nodiscard]] worker_pool_stats stats() const;

 private:
  template <class T>
  struct made_task {
    detail::ref<detail::pool_task> task;
    future<T> result;
  };
  template <class F>
  static auto make(const task_options& options, F&& f) {
    using function = std::decay_t<F>;
    static_assert(std::invocable<function&> || std::invocable<function&, const context&>,
                  "goro::worker_pool: a task is called without arguments, or with a const goro::context&");
    using result = typename detail::task_result<function>::type;
    if (detail::is_empty_function<function>(f)) detail::go_of_nil_func();
    const detail::ref<detail::future_state<result>> state(new detail::future_state<result>);
    return made_task<result>{
        detail::ref<detail::pool_task>(new detail::pool_task_of<result, function>(options, state, std::forward<F>(f))),
        future<result>(state)};
  }
  void wait_to_submit(detail::ref<detail::pool_task> task);
  void wait_to_submit(detail::ref<detail::pool_task> task, const context& ctx);
  [[nodiscard]] bool submit_if_room(detail::ref<detail::pool_task> task);

  const detail::ref<detail::worker_pool_core> core_;
};

}  // namespace goro
