// SPDX-License-Identifier: BSL-1.0
// finish() and the maker of the channel meet in state_: whoever is second closes the channel.
#include <goro/detail/completion.hpp>

#include <goro/context.hpp>
#include <goro/select.hpp>

namespace goro::detail {

void completion::finish() {
  if ((state_.fetch_or(finished, std::memory_order_acq_rel) & has_channel) != 0) done_.close();
  running_.done();
}

recv_chan<void> completion::done() {
  if ((state_.load(std::memory_order_acquire) & has_channel) == 0) {
    const auto made = make_chan<void>();
    const spin_guard hold(lock_);
    if (done_ == nullptr) {
      done_ = made;
      if ((state_.fetch_or(has_channel, std::memory_order_acq_rel) & finished) != 0) done_.close();
    }
  }
  return done_;
}

std::error_code completion::wait(const context& ctx) {
  if (is_finished()) return {};
  if (goro::select(goro::recv(done()), goro::recv(ctx.done())) == 0 || is_finished()) return {};
  return ctx.err();
}

}  // namespace goro::detail
