// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <goro/pipeline/sinks.hpp>
#include <goro/pipeline/stages.hpp>

namespace goro::pipeline {

namespace detail {

/// Where a branch gets its elements, and when it wants no more.
template <class T>
struct port {
  context scope;
  output<T> out;
};

/// The source of a branch: when it starts, it tells the trunk its port. Dropped unused, it tells that there is none.
template <class T>
source<T> make_branch_source(output<port<T>> tell) {
  return make_source<T>([tell = std::move(tell)](execution&, const context& scope, output<T> out) mutable {
    tell.send({scope, std::move(out)});
    tell.close();
  });
}

/// The other side: gives each element to all branches that still want some.
template <class T>
class trunk {
 public:
  [[nodiscard]] source<T> make_branch() {
    output<port<T>> tell(make_chan<port<T>>(1));
    told_.push_back(tell.channel());
    return make_branch_source<T>(std::move(tell));
  }
  /// Waits until all branches have started.
  void gather() {
    for (const auto& each : told_)
      if (std::optional<port<T>> p = each.recv()) ports_.push_back(*std::move(p));
  }
  [[nodiscard]] const std::vector<port<T>>& ports() const noexcept { return ports_; }
  // A branch that has left receives until it is dropped. It is dropped after x was sent and not before: what looks as if
  // it had left may have been cancelled, and then it sees by x that it was cut short.
  void send_copies(const T& x) {
    for (const auto& p : ports_) p.out.send(T(x));
    drop_those_that_left();
  }
  void send(T&& x) {
    for (std::size_t i = 0; i + 1 < ports_.size(); ++i) ports_[i].out.send(T(std::as_const(x)));
    if (!ports_.empty()) ports_.back().out.send(std::move(x));
    drop_those_that_left();
  }

  void close() {
    ports_.clear();
    told_.clear();
  }

 private:
  void drop_those_that_left() {
    std::erase_if(ports_, [](const port<T>& p) { return bool(p.scope.err()); });
  }
  std::vector<recv_chan<port<T>>> told_;
  std::vector<port<T>> ports_;
};

/// Stops what is above the trunk when the last branch has left. While no element comes, nobody else would see that.
class branch_watch {
 public:
  branch_watch(execution& e, cancel_func stop) : e_(e), state_(new state(std::move(stop))) {}
  branch_watch(const branch_watch&) = delete;
  branch_watch& operator=(const branch_watch&) = delete;
  ~branch_watch();
  void add(const context& branch);
  /// All have been added.
  void begin() const { state_->leave(); }

 private:
  struct state final : goro::detail::ref_counted {
    explicit state(cancel_func f) : stop(std::move(f)) {}
    void leave() {
      if (left.fetch_sub(1) == 1) stop();
    }
    const cancel_func stop;
    std::atomic<std::size_t> left{1};
  };
  execution& e_;
  ref<state> state_;
  std::vector<stop_func> stops_;
};

template <class T>
constexpr void check_copyable() {
  static_assert(std::is_copy_constructible_v<T>,
                "goro::pipeline: branches get copies of each element, and this type has none (pass a "
                "std::shared_ptr<const T>)");
}

template <class Run, class T>
using branch_result = decltype(std::declval<Run&>()(std::declval<execution&>(), std::declval<const context&>(),
                                                    std::declval<source<T>>()));
template <class Run, class T>
using kept_result = std::conditional_t<std::is_void_v<branch_result<Run, T>>, std::monostate, branch_result<Run, T>>;

/// A branch that is still running.
class branch_counted {
 public:
  explicit branch_counted(wait_group& g) : group_(&g) { g.add(); }
  branch_counted(branch_counted&& other) noexcept : group_(std::exchange(other.group_, nullptr)) {}
  branch_counted& operator=(branch_counted&&) = delete;
  ~branch_counted() {
    if (group_ != nullptr) group_->done();
  }

 private:
  wait_group* group_;
};

/// The trunk and the branches of a broadcast(); the trunk is received by the goroutine that waits for them.
template <class T, class... Runs>
class broadcasting {
 public:
  using result = std::tuple<kept_result<Runs, T>...>;

  broadcasting(execution& e, const context& scope) : e_(e), scope_(scope) {}
  broadcasting(const broadcasting&) = delete;
  broadcasting& operator=(const broadcasting&) = delete;
  ~broadcasting() {
    trunk_.close();
    group_.wait();
  }

  result run(std::tuple<Runs...>& runs, source<T>&& from) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
      (start_branch<I>(std::move(std::get<I>(runs))), ...);
    }(std::index_sequence_for<Runs...>{});
    trunk_.gather();
    receive(std::move(from));
    trunk_.close();
    group_.wait();
    return std::apply(
        [](auto&... made) {
          if (!(made.has_value() && ...)) throw no_result();
          return result(*std::move(made)...);
        },
        results_);
  }

 private:
  template <std::size_t I, class Run>
  void start_branch(Run run) {
    e_.go(scope_, [this, branch = trunk_.make_branch(), run = std::move(run), c = branch_counted(group_)]() mutable {
      auto& kept = std::get<I>(results_);
      if constexpr (std::is_void_v<branch_result<Run, T>>) {
        run(e_, scope_, std::move(branch));
        kept.emplace();
      } else {
        kept.emplace(run(e_, scope_, std::move(branch)));
      }
    });
  }
  void receive(source<T>&& from) {
    auto [inner, stop] = context::with_cancel(scope_);
    branch_watch watch(e_, std::move(stop));
    for (const auto& p : trunk_.ports()) watch.add(p.scope);
    watch.begin();
    consume(e_, inner, std::move(from), [&](T&& x) { trunk_.send(std::move(x)); });
  }

  execution& e_;
  const context scope_;
  trunk<T> trunk_;
  std::tuple<std::optional<kept_result<Runs, T>>...> results_;
  wait_group group_;
};

template <class... Runs>
auto broadcast(context ctx, sink<Runs>... branches) {
  if ((bool(branches.ctx) || ...)) refuse_context_of_branch();
  return make_sink(
      [runs = std::tuple<Runs...>(std::move(branches.run)...)]<class T>(execution& e, const context& scope,
                                                                        source<T>&& from) mutable {
        check_copyable<T>();
        return broadcasting<T, Runs...>(e, scope).run(runs, std::move(from));
      },
      std::move(ctx));
}

template <class X>
inline constexpr bool is_sink = false;
template <class Run>
inline constexpr bool is_sink<sink<Run>> = true;

template <class... Branches>
constexpr void check_branches() {
  static_assert(sizeof...(Branches) > 0, "goro::pipeline::broadcast: give it branches");
  static_assert((is_sink<Branches> && ...),
                "goro::pipeline: a branch is a sink, or stages that end in one: map(f) | collect()");
}

}  // namespace detail

/// Gives each element to all branches, which are sinks, or stages joined with one; returns a std::tuple of what they
/// return, std::monostate for those that return nothing.
///
///   auto [all, n] = numbers() | broadcast(collect(), filter(is_odd) | count());
///
/// The slowest branch sets the pace. One that leaves (its take() has enough) does not stop the others; when all have left,
/// what is above is stopped. An exception of one ends all.
template <class... Branches>
  requires(!(std::same_as<Branches, context> || ...))
[[nodiscard]] auto broadcast(Branches... branches) {
  detail::check_branches<Branches...>();
  return detail::broadcast(context(), std::move(branches)...);
}
template <class... Branches>
[[nodiscard]] auto broadcast(const context& ctx, Branches... branches) {
  detail::check_branches<Branches...>();
  return detail::broadcast(detail::checked(ctx), std::move(branches)...);
}

/// Calls f(x) for each element x, which then goes on.
template <class F>
  requires(!detail::stage<F>)
[[nodiscard]] auto tee(F f) {
  detail::check_function("tee", f);
  return detail::make_adaptor([f = std::move(f)]<class T>(source<T>&& above) mutable {
    static_assert(
        detail::callable<F, const T&>,
        "goro::pipeline::tee(f): f must be callable with an element as a const reference: f(x) or f(context, x)");
    return detail::one_goroutine<T>(std::move(above), [f = std::move(f)](const context& scope, detail::input<T>& in,
                                                                         const detail::output<T>& out) mutable {
      while (std::optional<T> x = in.get()) {
        static_cast<void>(detail::call(f, scope, std::as_const(*x)));
        out.send(*std::move(x));
      }
    });
  });
}

/// Gives a copy of each element that goes by to a branch, whose result is dropped: tee(batch(100) | for_each(write)). If it
/// leaves, the elements go on without it; if what is below leaves, it gets to the end of what it was given.
template <class Branch>
  requires detail::stage<Branch>
[[nodiscard]] auto tee(Branch branch) {
  detail::check_branches<Branch>();
  if (branch.ctx) detail::refuse_context_of_branch();
  return detail::make_adaptor([run = std::move(branch.run)]<class T>(source<T>&& above) mutable {
    detail::check_copyable<T>();
    return detail::make_source<T>([run = std::move(run), above = std::move(above)](
                                      detail::execution& e, const context& scope, detail::output<T> out) mutable {
      detail::trunk<T> trunk;
      e.go(e.ctx(), [&e, run = std::move(run), side = trunk.make_branch()]() mutable {
        static_cast<void>(run(e, e.ctx(), std::move(side)));
      });
      e.go(scope, [in = std::move(above).start(e, scope), trunk = std::move(trunk), out = std::move(out)]() mutable {
        trunk.gather();
        while (std::optional<T> x = in.get()) {
          trunk.send_copies(*x);
          out.send(*std::move(x));
        }
      });
    });
  });
}

}  // namespace goro::pipeline
