// SPDX-License-Identifier: BSL-1.0
#include <goro/pipeline/execution.hpp>

#include <goro/pipeline/broadcast.hpp>

#include <mutex>
#include <system_error>
#include <tuple>

namespace goro::pipeline::detail {

void refuse_empty_function(const char* stage) {
  throw_panic(std::string("goro::pipeline::") + stage + ": the function is empty: give it one that can be called");
}

void refuse_number(const char* stage, std::ptrdiff_t n, const char* of_what, int least) {
  throw_panic(std::string("goro::pipeline::") + stage + ": " + std::to_string(n) + " " + of_what + ": it must be " +
              std::to_string(least) + " or more");
}

void refuse_used_source() {
  throw_panic("goro::pipeline: this source has been used: a pipeline runs once, make a new one");
}

void refuse_context_of_branch() {
  throw_panic("goro::pipeline: a branch ends with the whole: give the context to broadcast(), or to the main sink");
}

context checked(const context& ctx) {
  goro::detail::context_node::check_parent(ctx);
  return ctx;
}

branch_watch::~branch_watch() {
  for (const stop_func& stop : stops_)
    if (stop()) e_.done();
}

void branch_watch::add(const context& branch) {
  stops_.reserve(stops_.size() + 1);
  state_->left.fetch_add(1);
  e_.add();
  try {
    stops_.push_back(context::after_func(branch, [&e = e_, shared = state_] {
      shared->leave();
      e.done();
    }));
  } catch (...) {
    e_.done();
    throw;
  }
}

execution::execution(const context& parent) : parent_(parent) {
  std::tie(ctx_, cancel_) = context::with_cancel(parent);
}

execution::~execution() {
  cancel_();
  group_.wait();
}

void execution::fail(const context& scope, std::exception_ptr thrown) {
  if (scope.err() && !abandoned_) return cut_short();
  {
    const std::lock_guard lock(mu_);
    if (first_ == nullptr) first_ = std::move(thrown);
  }
  cancel_();
}

void execution::exit(const context& scope) {
  if (scope.err() && !abandoned_) return cut_short();
  exited_ = true;
  cancel_();
}

void execution::abandon() {
  abandoned_ = true;
  cancel_();
}

void execution::cut_short() {
  if (ctx_.err()) cut_short_ = true;
}

void execution::finish() {
  group_.wait();
  if (exited_) throw_panic("goro::pipeline: a stage called goexit: there is no result");
  std::exception_ptr thrown;
  {
    const std::lock_guard lock(mu_);
    thrown = std::exchange(first_, nullptr);
  }
  if (thrown != nullptr) std::rethrow_exception(std::move(thrown));
  if (const std::error_code err = parent_.err(); err && cut_short_) throw std::system_error(err);
}

}  // namespace goro::pipeline::detail
