// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <goro/pipeline/stages.hpp>

namespace goro::pipeline {

namespace detail {

/// What all workers call.
template <class F>
struct shared_function final : goro::detail::ref_counted {
  explicit shared_function(F&& given) : f(std::move(given)) {}
  F f;
};

/// Gives elements to workers, and their results to whoever sends them on, in the order of the elements.
///
/// Each element gets a ticket; the result of ticket i goes through slot i % size, which has room for one. As there are at
/// most as many tickets under way as slots, no worker waits to deliver. Each ticket is delivered, if need be without a
/// result; the last one says that it is the last.
template <class T, class U>
class ordered_window final : public goro::detail::ref_counted {
 public:
  ordered_window(input<T> in, std::size_t size)
      : in_(std::move(in)), under_way_(make_chan<void>(static_cast<std::ptrdiff_t>(size))) {
    slots_.reserve(size);
    while (slots_.size() < size) slots_.push_back(make_chan<delivery>(1));
  }

  /// A worker; it ends the order if it goes early.
  class worker {
   public:
    explicit worker(ref<ordered_window> w) noexcept : w_(std::move(w)) {}
    worker(worker&&) noexcept = default;
    worker& operator=(worker&&) = delete;
    ~worker() {
      if (!w_) return;
      if (ticket_) w_->deliver(*ticket_, {});
      w_->stop();
    }
    [[nodiscard]] std::optional<T> take() { return w_->take(ticket_); }
    void deliver(U&& result) {
      w_->deliver(*ticket_, {std::optional<U>(std::move(result)), false});
      ticket_.reset();
    }

   private:
    ref<ordered_window> w_;
    std::optional<std::size_t> ticket_;
  };

  /// Calls send(result) for each.
  template <class Send>
  void send_in_order(Send send) {
    for (std::size_t i = 0;; ++i) {
      delivery next = *slot(i).recv();
      under_way_.recv();
      if (next.is_last) return;
      if (next.result) send(*std::move(next.result));
    }
  }

 private:
  struct delivery {
    std::optional<U> result;
    bool is_last = false;
  };

  std::optional<T> take(std::optional<std::size_t>& ticket) {
    const std::lock_guard lock(mu_);
    if (ended_) return std::nullopt;
    under_way_.send();
    std::optional<T> x = in_.get();
    if (x) {
      ticket = next_++;
    } else {
      end();
    }
    return x;
  }
  void stop() {
    const std::lock_guard lock(mu_);
    if (ended_) return;
    under_way_.send();
    end();
  }
  void end() {
    ended_ = true;
    slot(next_).send({std::nullopt, true});
  }
  void deliver(std::size_t ticket, delivery d) { slot(ticket).send(std::move(d)); }
  const chan<delivery>& slot(std::size_t i) const { return slots_[i % slots_.size()]; }

  mutex mu_;
  input<T> in_;  // guarded by mu_, as are the next two
  std::size_t next_ = 0;
  bool ended_ = false;
  const chan<void> under_way_;
  std::vector<chan<delivery>> slots_;
};

}  // namespace detail

/// For fan_out(): the results come in the order of the elements.
struct ordered_t {
  explicit ordered_t() = default;
};
inline constexpr ordered_t ordered{};

/// f(x) for each element x, by n goroutines that call f at the same time; the results come as they are ready.
template <class F>
[[nodiscard]] auto fan_out(std::ptrdiff_t n, F f) {
  detail::check_number("fan_out", n, "workers", 1);
  detail::check_function("fan_out", f);
  return detail::make_adaptor([n, f = std::move(f)]<class T>(source<T>&& above) mutable {
    detail::check_mapping<F, T>();
    using U = detail::mapped<F, T>;
    return detail::make_source<U>([n, f = std::move(f), above = std::move(above)](
                                      detail::execution& e, const context& scope, detail::output<U> out) mutable {
      const detail::ref shared(new detail::shared_function<F>(std::move(f)));
      detail::input<T> first = std::move(above).start(e, scope);
      for (std::ptrdiff_t i = 0; i < n; ++i)
        e.go(scope, [scope, shared, in = first.another(), out]() mutable {
          while (std::optional<T> x = in.get()) out.send(U(detail::call(shared->f, scope, *std::move(x))));
        });
      first.forget();
    });
  });
}

/// The same in the order of the elements. A result that is ready early waits for those before it. Not more are under way
/// than there are workers, and room before the stage (but 1024 at most): then nobody begins another.
template <class F>
[[nodiscard]] auto fan_out(ordered_t, std::ptrdiff_t n, F f) {
  detail::check_number("fan_out", n, "workers", 1);
  detail::check_function("fan_out", f);
  return detail::make_adaptor([n, f = std::move(f)]<class T>(source<T>&& above) mutable {
    detail::check_mapping<F, T>();
    using U = detail::mapped<F, T>;
    return detail::make_source<U>([n, f = std::move(f), above = std::move(above)](
                                      detail::execution& e, const context& scope, detail::output<U> out) mutable {
      using window = detail::ordered_window<T, U>;
      const detail::ref shared(new detail::shared_function<F>(std::move(f)));
      const auto early = std::min<std::ptrdiff_t>(above.room(), 1024);
      const detail::ref w(new window(std::move(above).start(e, scope), static_cast<std::size_t>(n + early)));
      e.go(scope, [w, out = std::move(out)] { w->send_in_order([&](U&& result) { out.send(std::move(result)); }); });
      std::vector<typename window::worker> workers;
      workers.reserve(static_cast<std::size_t>(n));
      for (std::ptrdiff_t i = 0; i < n; ++i) workers.emplace_back(w);
      for (auto& each : workers)
        e.go(scope, [scope, shared, worker = std::move(each)]() mutable {
          while (std::optional<T> x = worker.take()) worker.deliver(U(detail::call(shared->f, scope, *std::move(x))));
        });
    });
  });
}

}  // namespace goro::pipeline
