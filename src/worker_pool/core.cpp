// SPDX-License-Identifier: BSL-1.0
#include "worker_pool/core.hpp"

#include <algorithm>
#include <string>
#include <tuple>

namespace goro::detail {

namespace {

goroutine_local<const worker_pool_core*> works_for;

std::exception_ptr cancellation(std::error_code why) {
  return std::make_exception_ptr(std::system_error(why, "goro::worker_pool: the task was cancelled"));
}

}  // namespace

worker_pool_core::worker_pool_core(worker_range workers, worker_pool_options options)
    : range_(workers), options_(std::move(options)), ended_(new completion) {
  std::tie(ctx_, cancel_ctx_) = context::with_cancel(options_.ctx ? options_.ctx : context::background());
}

void worker_pool_core::start() {
  const lock_guard lock(mu_);
  if (options_.ctx)
    watch_ = context::after_func(options_.ctx, [self = ref<worker_pool_core>::to(*this)] { self->cancel(); });
  while (workers_ < range_.min) start_worker();
}

// Submitting.

/// Least place first; of equal ones the older.
bool worker_pool_core::goes_behind(const queued_task& a, const queued_task& b) noexcept {
  return a.place != b.place ? a.place > b.place : a.task->number_ > b.task->number_;
}

void worker_pool_core::check_timeout(std::chrono::nanoseconds timeout) {
  if (timeout.count() < 0)
    throw_panic("goro::worker_pool: a timeout of " + std::to_string(timeout.count()) +
                " ns; it must be positive, or 0 for none");
}

worker_pool_core::admission worker_pool_core::submit(ref<pool_task> task, bool may_wait, const context* ctx) {
  check_timeout(task->options_.timeout);
  const auto is_full = [this] { return queued_in_room_ >= options_.queue; };
  const auto gives_up = [ctx] { return ctx != nullptr && ctx->err(); };
  admission result = admission::taken;
  {
    std::unique_lock lock(mu_);
    bool has_room = true;
    if (is_full() && !is_over() && may_wait && !gives_up()) {
      if (is_called_by_own_task()) {
        has_room = false;
      } else if (ctx == nullptr) {
        room_.wait(lock, [&] { return closed_ || !is_full(); });
      } else {
        const stop_func watch = context::after_func(*ctx, [self = ref<worker_pool_core>::to(*this)] {
          const lock_guard hold(self->mu_);
          self->room_.broadcast();
        });
        room_.wait(lock, [&] { return closed_ || !is_full() || gives_up(); });
        watch();
      }
    }
    if (is_over()) {
      result = admission::closed;
    } else if (gives_up() || (has_room && is_full())) {
      room_.signal();  // it may have been woken for the room that it does not take
      result = admission::full;
    }
    if (result == admission::taken) {
      admit(task, has_room);
      return result;
    }
    task->number_ = ++submitted_;
    ++refused_;
  }
  task->drop();
  task->submitted_ = task->started_ = clock::now();
  report(kind::task_refused, *task, task->started_, nullptr);
  return result;
}

void worker_pool_core::admit(ref<pool_task> task, bool has_room) {
  if (workers_ < range_.max && queue_.size() >= static_cast<std::size_t>(idle_)) start_worker();
  task->has_room_ = has_room;
  task->number_ = submitted_ + 1;
  task->submitted_ = clock::now();
  const std::int64_t head_start = std::int64_t{task->options_.priority} * options_.aging;
  queue_.push_back({static_cast<std::int64_t>(task->number_) - head_start, std::move(task)});
  std::push_heap(queue_.begin(), queue_.end(), goes_behind);
  ++submitted_;
  queued_in_room_ += has_room ? 1 : 0;
  work_.signal();
}

// Working.

void worker_pool_core::start_worker() {
  goro::go([self = ref<worker_pool_core>::to(*this)] { self->work(); });
  ++workers_;
  ++idle_;
  if (workers_ > range_.min && !timer_runs_) set_timer();
}

void worker_pool_core::set_timer() {
  least_idle_ = idle_;
  timer_ = after_func(range_.idle_timeout, [self = ref<worker_pool_core>::to(*this)] { self->reap(); });
  timer_runs_ = true;
}

void worker_pool_core::start_missing_workers() {
  while (workers_ < range_.max &&
         (queue_.size() > static_cast<std::size_t>(idle_) || (workers_ < range_.min && !closed_)))
    start_worker();
}

/// Those that have been idle all the while since the timer was set are not needed.
void worker_pool_core::reap() {
  const lock_guard lock(mu_);
  if (closed_) return;
  surplus_ = std::min(least_idle_, workers_ - range_.min);
  if (surplus_ > 0) work_.broadcast();
  timer_runs_ = false;
  if (workers_ - surplus_ > range_.min) set_timer();
}

void worker_pool_core::work() {
  works_for.get() = this;
  ref<pool_task> task;
  const struct ender {
    worker_pool_core& self;
    const ref<pool_task>& task;
    ~ender() {
      if (task && task->panicking_) return;  // the process ends
      {
        const lock_guard lock(self.mu_);
        if (!task || !task->overdue_) --self.workers_;
        self.start_missing_workers();
      }
      self.report({.what = kind::worker_ended});
      self.end_if_last();
    }
  } end_at_end{*this, task};
  report({.what = kind::worker_started});
  {
    const lock_guard lock(mu_);
    least_idle_ = std::min(least_idle_, --idle_);
  }
  while ((task = next_task())) {
    run(task);
    if (task->overdue_) return;
  }
}

/// Null: the worker is to end.
ref<pool_task> worker_pool_core::next_task() {
  if (ctx_.err()) cancel();  // the call that will come may be late
  std::unique_lock lock(mu_);
  while (queue_.empty()) {
    if (closed_) return {};
    if (surplus_ > 0) {
      --surplus_;
      return {};
    }
    ++idle_;
    work_.wait(lock);
    least_idle_ = std::min(least_idle_, --idle_);
  }
  std::pop_heap(queue_.begin(), queue_.end(), goes_behind);
  ref<pool_task> task = std::move(queue_.back().task);
  queue_.pop_back();
  if (task->has_room_) {
    --queued_in_room_;
    room_.signal();
  }
  task->started_ = clock::now();
  waited_.add(task->started_ - task->submitted_);
  task->running_at_ = running_.size();
  running_.push_back(task);
  return task;
}

void worker_pool_core::run(const ref<pool_task>& task) {
  const auto timeout = task->options_.timeout.count() != 0 ? task->options_.timeout : options_.timeout;
  if (timeout.count() == 0) {
    call(*task, ctx_);
    return;
  }
  const auto [ctx, cancel] = context::with_timeout(ctx_, timeout);
  const struct watch {
    stop_func stop;
    ~watch() { stop(); }
  } watch{context::after_func(
      ctx, [self = ref<worker_pool_core>::to(*this), task, ctx] { self->settle_overdue(*task, ctx); })};
  call(*task, ctx);
}

void worker_pool_core::call(pool_task& task, const context& ctx) {
  const struct settler {
    worker_pool_core& self;
    pool_task& task;
    const context& ctx;
    ~settler() {
      if (!task.panicking_) self.settle_called(task, ctx);
    }
  } settle_at_end{*this, task, ctx};
  task.call(ctx);
}

// Settling.

void worker_pool_core::remove_running(pool_task& task) noexcept {
  running_.back()->running_at_ = task.running_at_;
  std::swap(running_[task.running_at_], running_.back());
  running_.pop_back();
}

/// Its function has ended: on its own, or by goexit().
void worker_pool_core::settle_called(pool_task& task, const context& ctx) {
  const clock::time_point end = clock::now();
  const std::error_code late = ctx.err();
  kind how = task.returned() ? kind::task_done : kind::task_failed;
  {
    const lock_guard lock(mu_);
    if (task.settled_) {
      --overdue_;
      return;
    }
    task.settled_ = true;
    remove_running(task);
    if (late) {
      how = kind::task_cancelled;
      ++cancelled_;
    } else {
      ran_.add(end - task.started_);
      ++(how == kind::task_done ? done_ : failed_);
    }
  }
  if (late) {
    report(how, task, end, cancellation(late));
    task.fail(cancellation(late));
  } else {
    report(how, task, end, task.thrown());
    task.settle();
  }
}

void worker_pool_core::mark_overdue(pool_task& task) {
  task.settled_ = true;
  task.overdue_ = true;
  remove_running(task);
  ++cancelled_;
  ++overdue_;
  --workers_;
}

/// Its context has ended, and its function runs.
void worker_pool_core::settle_overdue(pool_task& task, const context& ctx) {
  {
    const lock_guard lock(mu_);
    if (task.settled_) return;
    mark_overdue(task);
    start_missing_workers();
  }
  report(kind::task_cancelled, task, clock::now(), cancellation(ctx.err()));
  task.fail(cancellation(ctx.err()));
}

// Ending.

void worker_pool_core::close() {
  {
    const lock_guard lock(mu_);
    closed_ = true;
    work_.broadcast();
    room_.broadcast();
  }
  end_if_last();
}

void worker_pool_core::cancel() {
  cancel_ctx_();
  std::vector<queued_task> dropped;
  std::vector<ref<pool_task>> overdue;
  {
    const lock_guard lock(mu_);
    closed_ = true;
    dropped.swap(queue_);
    queued_in_room_ = 0;
    for (const queued_task& queued : dropped) queued.task->settled_ = true;
    cancelled_ += dropped.size();
    overdue = running_;
    for (const ref<pool_task>& task : overdue) mark_overdue(*task);
    work_.broadcast();
    room_.broadcast();
  }
  const std::error_code why = ctx_.err();
  std::sort(dropped.begin(), dropped.end(), [](const auto& a, const auto& b) { return goes_behind(b, a); });
  const clock::time_point now = clock::now();
  for (const queued_task& queued : dropped) {
    pool_task& task = *queued.task;
    task.started_ = now;
    task.drop();
    report(kind::task_cancelled, task, now, cancellation(why));
    task.fail(cancellation(why));
  }
  for (const ref<pool_task>& task : overdue) {
    report(kind::task_cancelled, *task, now, cancellation(why));
    task->fail(cancellation(why));
  }
  end_if_last();
}

void worker_pool_core::end_if_last() {
  stop_func watch;
  {
    const lock_guard lock(mu_);
    if (!closed_ || has_ended_ || workers_ != 0 || overdue_ != 0 || !queue_.empty()) return;
    has_ended_ = true;
    watch = std::move(watch_);
    if (timer_runs_) timer_.stop();
    timer_ = {};  // one that has fired keeps its function, which keeps this
  }
  watch();
  cancel_ctx_();
  ended_->finish();
}

// Telling.

bool worker_pool_core::is_called_by_own_task() const { return works_for.get() == this; }

void worker_pool_core::report(const worker_pool_event& event) const {
  if (options_.log && !is_abandoned()) options_.log(event);
}

void worker_pool_core::report(kind what, const pool_task& task, clock::time_point end, std::exception_ptr error) const {
  report({.what = what,
          .task = task.number_,
          .priority = task.options_.priority,
          .waited = task.started_ - task.submitted_,
          .ran = end - task.started_,
          .error = std::move(error)});
}

worker_pool_stats worker_pool_core::stats() const {
  const lock_guard lock(mu_);
  return {.submitted = submitted_,
          .done = done_,
          .failed = failed_,
          .cancelled = cancelled_,
          .refused = refused_,
          .queued = queue_.size(),
          .running = running_.size(),
          .overdue = overdue_,
          .workers = workers_,
          .waited = waited_.summary(),
          .ran = ran_.summary()};
}

}  // namespace goro::detail
