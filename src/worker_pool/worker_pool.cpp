// SPDX-License-Identifier: BSL-1.0
#include <goro/worker_pool.hpp>

#include <string>

#include "worker_pool/core.hpp"

namespace goro {

namespace {

using core = detail::worker_pool_core;

[[noreturn]] void refuse(const std::string& what) { detail::throw_panic("goro::worker_pool: " + what); }

detail::ref<core> make_core(worker_range workers, worker_pool_options options) {
  if (workers.max < 1) refuse(std::to_string(workers.max) + " workers do nothing; there must be 1 or more");
  if (workers.min < 0 || workers.min > workers.max)
    refuse("from " + std::to_string(workers.min) + " to " + std::to_string(workers.max) +
           " workers; the least must be 0 or more, and not more than the most");
  if (workers.idle_timeout.count() <= 0)
    refuse("an idle timeout of " + std::to_string(workers.idle_timeout.count()) + " ns; it must be positive");
  if (options.queue == 0) refuse("a queue of 0 takes nothing; it must have room for 1 or more");
  if (options.aging < 0) refuse("an aging of " + std::to_string(options.aging) + " tasks; it must be 0 or more");
  core::check_timeout(options.timeout);
  detail::ref<core> made(new core(workers, std::move(options)));
  made->start();
  return made;
}

void check_caller(const core& pool, const char* call) {
  if (pool.is_called_by_own_task())
    refuse(std::string(call) + "() in one of the pool's own tasks would wait for itself: call it elsewhere");
}

}  // namespace

worker_pool::worker_pool(int workers, worker_pool_options options)
    : worker_pool(worker_range{.min = workers, .max = workers}, std::move(options)) {}

worker_pool::worker_pool(worker_range workers, worker_pool_options options)
    : core_(make_core(workers, std::move(options))) {}

worker_pool::~worker_pool() {
  if (core_->is_called_by_own_task()) detail::fatal("goro::worker_pool: destroyed by one of its own tasks");
  core_->close();
  if (!core_->is_abandoned()) core_->ended().wait();
}

void worker_pool::wait_to_submit(detail::ref<detail::pool_task> task) {
  if (core_->submit(std::move(task), nullptr) != core::admission::taken) throw worker_pool_closed();
}

void worker_pool::wait_to_submit(detail::ref<detail::pool_task> task, const context& ctx) {
  switch (core_->submit(std::move(task), &ctx)) {
    case core::admission::taken: return;
    case core::admission::closed: throw worker_pool_closed();
    case core::admission::full: break;
  }
  throw std::system_error(ctx.err(), "goro::worker_pool: no room in the queue");
}

bool worker_pool::submit_if_room(detail::ref<detail::pool_task> task) {
  return core_->try_submit(std::move(task)) == core::admission::taken;
}

void worker_pool::shutdown() {
  check_caller(*core_, "shutdown");
  core_->close();
  core_->ended().wait();
}

std::error_code worker_pool::shutdown(const context& ctx) {
  check_caller(*core_, "shutdown");
  core_->close();
  return core_->ended().wait(ctx);
}

void worker_pool::stop_now() {
  check_caller(*core_, "stop_now");
  core_->cancel();
  core_->ended().wait();
}

std::error_code worker_pool::stop_now(const context& ctx) {
  check_caller(*core_, "stop_now");
  core_->cancel();
  const std::error_code late = core_->ended().wait(ctx);
  if (late) core_->abandon();
  return late;
}

worker_pool_stats worker_pool::stats() const { return core_->stats(); }

}  // namespace goro
