// SPDX-License-Identifier: BSL-1.0
// Fork and join on goroutines: async(), parallel_for(), parallel_reduce(), parallel_sort().
//
// Blocks:    all but async(), until all that was started has ended. They may be nested in any way: who waits parks, and
//            holds up no processor.
// Errors:    an exception of a user's function comes out where the work is joined; of several, one. What has not begun
//            then is left out. A goro::panic is a bug, not an error: it ends the process.
// Ordering:  what was written before the call is seen by all parts; what they write is seen when it returns.
#pragma once

#include <algorithm>
#include <atomic>
#include <concepts>
#include <cstddef>
#include <functional>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include <goro/future.hpp>
#include <goro/go.hpp>
#include <goro/sync/errgroup.hpp>

namespace goro {

namespace detail {

/// A call that is made once: by the goroutine that was started for it, or by one that waits for it before that has begun.
/// Then nobody switches, and the goroutine, which never had a stack, finds nothing left to do.
template <class T, class F>
class async_state final : public future_state<T> {
 public:
  explicit async_state(F&& f) : f_(std::move(f)) {}
  void run_in_goroutine() {
    if (!begun_.load(std::memory_order_relaxed) && claim()) call();
  }
  void run_here() override {
    if (!begun_.load(std::memory_order_relaxed) && can_call_apart() && claim())
      call_apart([](void* self) { static_cast<async_state*>(self)->call(); }, this);
  }

 private:
  [[nodiscard]] bool claim() noexcept { return !begun_.exchange(true, std::memory_order_acq_rel); }
  void call() {
    this->run([this]() -> T {
      const struct dropper {
        std::optional<F>& f;
        ~dropper() { f.reset(); }
      } drop_at_end{f_};
      return (*f_)();
    });
  }

  std::optional<F> f_;
  std::atomic<bool> begun_{false};
};

}  // namespace detail

/// Calls f(args...) in a new goroutine, or in the one that calls get() if that comes first and three quarters of its
/// stack are free. Arguments are copied or moved as go() does.
template <class F, class... Args>
[[nodiscard]] auto async(F&& f, Args&&... args) {
  using result = std::invoke_result_t<std::decay_t<F>, std::decay_t<Args>...>;
  if (detail::is_empty_function<std::decay_t<F>>(f)) detail::go_of_nil_func();
  auto call = [f = std::decay_t<F>(std::forward<F>(f)),
               ... args = std::decay_t<Args>(std::forward<Args>(args))]() mutable -> result {
    return std::invoke(std::move(f), std::move(args)...);
  };
  using state_type = detail::async_state<result, decltype(call)>;
  detail::ref<state_type> state(new state_type(std::move(call)));
  state->retain_unshared();
  goro::go([state = detail::ref<state_type>(state.get())] { state->run_in_goroutine(); });
  return future<result>(std::move(state));
}

namespace detail {

template <class I>
concept splittable = std::integral<I> || std::random_access_iterator<I>;

template <splittable I>
std::size_t count_between(I first, I last) {
  return first < last ? static_cast<std::size_t>(last - first) : 0;
}

/// What f is called with: the number, or what the iterator refers to.
template <splittable I>
decltype(auto) element_at(I first, std::size_t i) {
  if constexpr (std::integral<I>) {
    return static_cast<I>(first + static_cast<I>(i));
  } else {
    return first[static_cast<std::iter_difference_t<I>>(i)];
  }
}

/// Enough parts for thieves to even out what takes differently long, few enough not to be felt.
inline std::size_t part_count(std::size_t n) {
  const std::size_t parts = 8 * static_cast<std::size_t>(gomaxprocs());
  return n < parts ? n : parts;
}

/// Calls f(part) for the parts [first, last): the upper half elsewhere, again and again, the last one here.
template <class F>
void fork(std::size_t first, std::size_t last, F& f, errgroup& group, std::atomic<bool>& failed) {
  while (last - first > 1) {
    const std::size_t middle = first + (last - first) / 2;
    group.go([middle, last, &f, &group, &failed] { fork(middle, last, f, group, failed); });
    last = middle;
  }
  if (failed.load(std::memory_order_relaxed)) return;
  try {
    f(first);
  } catch (...) {
    failed.store(true, std::memory_order_relaxed);
    throw;
  }
}

/// Calls f(part) for each part of [0, parts).
template <class F>
void for_each_part(std::size_t parts, F f) {
  if (parts == 0) return;
  std::atomic<bool> failed{false};
  errgroup group;
  fork(0, parts, f, group, failed);
  group.wait();
}

/// Where a part of n elements begins, of so many parts of nearly the same size.
constexpr std::size_t begin_of_part(std::size_t part, std::size_t parts, std::size_t n) {
  return part * (n / parts) + std::min(part, n % parts);
}

}  // namespace detail

/// Calls f(i) for each number, or f(*it) for each element, of [first, last), in no order.
template <detail::splittable I, class F>
void parallel_for(I first, I last, F f) {
  const std::size_t n = detail::count_between(first, last);
  const std::size_t parts = detail::part_count(n);
  detail::for_each_part(parts, [&](std::size_t part) {
    const std::size_t end = detail::begin_of_part(part + 1, parts, n);
    for (std::size_t i = detail::begin_of_part(part, parts, n); i < end; ++i) f(detail::element_at(first, i));
  });
}

/// init ⊕ f(a) ⊕ f(b) ⊕ ... over the numbers, or elements, of [first, last), where x ⊕ y is reduce(x, y): it must be
/// associative, and need not be commutative. Sums of floating point numbers depend on gomaxprocs() in their last bits.
template <detail::splittable I, class T, class Reduce, class F>
[[nodiscard]] T parallel_reduce(I first, I last, T init, Reduce reduce, F f) {
  const std::size_t n = detail::count_between(first, last);
  const std::size_t parts = detail::part_count(n);
  std::vector<std::optional<T>> results(parts);
  detail::for_each_part(parts, [&](std::size_t part) {
    std::size_t i = detail::begin_of_part(part, parts, n);
    const std::size_t end = detail::begin_of_part(part + 1, parts, n);
    T sum = f(detail::element_at(first, i));
    while (++i < end) sum = reduce(std::move(sum), f(detail::element_at(first, i)));
    results[part].emplace(std::move(sum));
  });
  for (auto& result : results) init = reduce(std::move(init), *std::move(result));
  return init;
}

namespace detail {

/// Below this, sorting takes less time than a goroutine is worth.
inline constexpr std::ptrdiff_t sort_here = 2048;

template <class I, class Compare>
I median_of_3(I a, I b, I c, Compare& less) {
  if (less(*b, *a)) std::swap(a, b);
  if (less(*c, *b)) return less(*c, *a) ? a : c;
  return b;
}

/// Quicksort: the smaller part elsewhere, the larger one here. `depth` bounds what bad pivots can do, as in std::sort.
template <class I, class Compare>
void quick_sort(I first, I last, Compare& less, int depth) {
  errgroup group;
  while (last - first > sort_here && depth-- > 0) {
    const auto step = (last - first) / 8;
    const I pivot = median_of_3(median_of_3(first, first + step, first + 2 * step, less),
                                median_of_3(first + 3 * step, first + 4 * step, first + 5 * step, less),
                                median_of_3(first + 6 * step, first + 7 * step, last - 1, less), less);
    std::iter_swap(first, pivot);
    const I upper = std::partition(first + 1, last, [&](const auto& x) { return less(x, *first); });
    std::iter_swap(first, upper - 1);  // in its place for good
    // Almost nothing is less than the pivot: perhaps much is equal to it.
    I equal = upper;
    if (upper - first < (last - first) / 16)
      equal = std::partition(upper, last, [&](const auto& x) { return !less(*(upper - 1), x); });
    if (last - equal < upper - 1 - first) {
      group.go([=, &less] { quick_sort(equal, last, less, depth); });
      last = upper - 1;
    } else {
      group.go([=, &less] { quick_sort(first, upper - 1, less, depth); });
      first = equal;
    }
  }
  std::sort(first, last, std::ref(less));
  group.wait();
}

template <class I, class Compare>
void merge_sort(I first, I last, Compare& less, std::ptrdiff_t grain) {
  if (last - first <= grain) {
    std::stable_sort(first, last, std::ref(less));
    return;
  }
  const I middle = first + (last - first) / 2;
  errgroup group;
  group.go([=, &less] { merge_sort(middle, last, less, grain); });
  merge_sort(first, middle, less, grain);
  group.wait();
  std::inplace_merge(first, middle, last, std::ref(less));
}

}  // namespace detail

/// Sorts like std::sort. `less` is called by several goroutines at once; if it throws, what the elements are then is not
/// specified, as with std::sort.
template <std::random_access_iterator I, class Compare = std::less<>>
void parallel_sort(I first, I last, Compare less = {}) {
  int depth = 0;
  for (auto n = last - first; n > detail::sort_here; n /= 2) depth += 2;
  detail::quick_sort(first, last, less, depth);
}

/// Sorts like std::stable_sort: equal elements keep their order. Takes as much memory again, if it can be had. `less` as
/// for parallel_sort().
template <std::random_access_iterator I, class Compare = std::less<>>
void parallel_stable_sort(I first, I last, Compare less = {}) {
  const std::ptrdiff_t parts = 4 * static_cast<std::ptrdiff_t>(gomaxprocs());
  detail::merge_sort(first, last, less, std::max(detail::sort_here, (last - first) / parts));
}

}  // namespace goro
