// SPDX-License-Identifier: BSL-1.0
// What a pool and its workers share. A worker that is stuck in a task may outlive the pool, so each holds a reference.
//
//   N1  A task is settled, that is counted as done, failed or cancelled, once, by whoever sets settled_ under mu_: the
//       worker behind its call, its context's end, or the pool's.
//   N2  The counts change under mu_ together with the place of the task (queue_, running_): at any instant
//       submitted = done + failed + cancelled + refused + queued + running.
//   N3  workers_ are those that take tasks. One whose task was settled before it returned is not among them any more,
//       but one of overdue_; it takes no other task.
//   N4  While tasks are queued, there is a worker for each that is idle or on its way, or there are max_ workers.
//
// The future of a task is given its result outside the lock, after the counts: who has the result finds it counted.
// Tested by: unit/worker_pool, unit/worker_pool_end, stress/worker_pool_stress.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include <goro/sync/cond.hpp>
#include <goro/sync/mutex.hpp>
#include <goro/time.hpp>
#include <goro/worker_pool.hpp>

#include "worker_pool/latency_histogram.hpp"

namespace goro::detail {

class worker_pool_core final : public ref_counted {
 public:
  static void check_timeout(std::chrono::nanoseconds timeout);

  worker_pool_core(worker_range workers, worker_pool_options options);
  void start();

  enum class admission { taken, full, closed };
  /// Waits while it is full, until ctx, if there is one, is done.
  [[nodiscard]] admission submit(ref<pool_task> task, const context* ctx) { return submit(std::move(task), true, ctx); }
  [[nodiscard]] admission try_submit(ref<pool_task> task) { return submit(std::move(task), false, nullptr); }

  /// Takes no more tasks.
  void close();
  /// close(), and everything that has not ended is cancelled.
  void cancel();
  /// Finished when it is closed and the last worker has ended.
  [[nodiscard]] completion& ended() noexcept { return *ended_; }
  /// What still runs is left alone, and not reported any more.
  void abandon() noexcept { abandoned_.store(true); }
  [[nodiscard]] bool is_abandoned() const noexcept { return abandoned_.load(); }
  [[nodiscard]] bool is_called_by_own_task() const;

  [[nodiscard]] worker_pool_stats stats() const;

 private:
  struct queued_task {
    std::int64_t place;
    ref<pool_task> task;
  };
  using lock_guard = std::lock_guard<mutex>;
  using kind = worker_pool_event::kind;

  static bool goes_behind(const queued_task& a, const queued_task& b) noexcept;
  admission submit(ref<pool_task> task, bool may_wait, const context* ctx);

  void work();
  ref<pool_task> next_task();
  void run(const ref<pool_task>& task);
  void call(pool_task& task, const context& ctx);
  void settle_called(pool_task& task, const context& ctx);
  void settle_overdue(pool_task& task, const context& ctx);
  void reap();
  void end_if_last();
  void report(const worker_pool_event& event) const;
  void report(kind what, const pool_task& task, clock::time_point end, std::exception_ptr error) const;

  // With mu_ held:
  [[nodiscard]] bool is_over() const { return closed_ || ctx_.err(); }
  void admit(ref<pool_task> task, bool has_room);
  void start_worker();
  void start_missing_workers();
  void set_timer();
  void mark_overdue(pool_task& task);
  void remove_running(pool_task& task) noexcept;

  const worker_range range_;
  const worker_pool_options options_;
  context ctx_;  // above all tasks
  cancel_func cancel_ctx_;
  const ref<completion> ended_;
  std::atomic<bool> abandoned_{false};

  mutable mutex mu_;  // guards all below
  cond work_;         // a task is queued, or the idle have to end
  cond room_;         // there is room in the queue, or there never will be
  std::vector<queued_task> queue_;  // a heap, the next task in front
  std::size_t queued_in_room_ = 0;  // those that count for the queue's bound
  std::vector<ref<pool_task>> running_;
  std::uint64_t submitted_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t cancelled_ = 0;
  std::uint64_t refused_ = 0;
  std::size_t overdue_ = 0;
  int workers_ = 0;
  int idle_ = 0;        // of these, those that wait for a task, or have been started and not yet looked for one
  int least_idle_ = 0;  // since the timer was set
  int surplus_ = 0;     // how many of the idle are to end
  bool timer_runs_ = false;
  timer timer_;
  bool closed_ = false;
  bool has_ended_ = false;
  stop_func watch_;  // of ctx_
  latency_histogram waited_;
  latency_histogram ran_;
};

}  // namespace goro::detail
