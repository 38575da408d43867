// SPDX-License-Identifier: BSL-1.0
#include <goro/sync/errgroup.hpp>

#include <mutex>
#include <string>
#include <tuple>

namespace goro {

errgroup::errgroup(const context& parent) { std::tie(ctx_, cancel_) = context::with_cancel_cause(parent); }

errgroup::~errgroup() {
  group_.wait();
  if (cancel_) cancel_();
}

void errgroup::set_limit(std::ptrdiff_t n) {
  if (const std::size_t active = active_.load(); active != 0)
    detail::throw_panic("errgroup: modify limit while " + std::to_string(active) +
                        " goroutines in the group are still active");
  tokens_ = n < 0 ? chan<void>() : make_chan<void>(n);
}

void errgroup::wait() {
  group_.wait();
  std::exception_ptr thrown;
  {
    const std::lock_guard lock(mu_);
    thrown = std::exchange(first_, nullptr);
  }
  if (cancel_) cancel_(thrown);
  if (thrown != nullptr) std::rethrow_exception(std::move(thrown));
}

void errgroup::fail(std::exception_ptr thrown) {
  {
    const std::lock_guard lock(mu_);
    if (first_ != nullptr) return;
    first_ = thrown;
  }
  if (cancel_) cancel_(std::move(thrown));
}

}  // namespace goro
