// SPDX-License-Identifier: BSL-1.0
// What wait() refuses with.
//
// Go's texts name two numbers, and an error code has room for one and its category. So n is the value of the code, and
// each burst that was ever exceeded has a category of its own: a code stays a plain value, equal to that of the same
// refusal elsewhere, and it outlives the limiter. rate_errc is the condition that all of them meet.
//
// Categories live for ever. A program has few different bursts; from the 1024th on they share one without the number.
#include "rate/errors.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <string>

#include <goro/rate/reservation.hpp>
#include <goro/sync/mutex.hpp>

namespace goro {
namespace {

constexpr std::size_t most_bursts = 1024;
constexpr int most = std::numeric_limits<int>::max();

class condition_category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "rate"; }
  std::string message(int e) const override {
    switch (static_cast<rate_errc>(e)) {
      case rate_errc::exceeds_burst: return "rate: Wait exceeds limiter's burst";
      case rate_errc::exceeds_deadline: return "rate: Wait would exceed context deadline";
    }
    return "no error of a rate limiter: " + std::to_string(e);
  }
};

const std::error_category& conditions() noexcept {
  static const condition_category category;
  return category;
}

// A value of 0 would be no error.
constexpr int zero = -1;
int value_of(std::int64_t n) noexcept { return n == 0 ? zero : static_cast<int>(std::min<std::int64_t>(n, most)); }

class refusal_category : public std::error_category {
 public:
  refusal_category(rate_errc condition, std::string text) : condition_(condition), text_(std::move(text)) {}
  const char* name() const noexcept override { return "rate"; }
  std::string message(int n) const override {
    return "rate: Wait(n=" + std::to_string(n == zero ? 0 : n) + (n == most ? " or more" : "") + ") " + text_;
  }
  std::error_condition default_error_condition(int) const noexcept override { return condition_; }

 private:
  const rate_errc condition_;
  const std::string text_;
};

const std::error_category& category_of(std::int64_t burst) {
  struct table {
    mutex mu;
    std::map<std::int64_t, refusal_category> categories{};  // guarded by mu
    refusal_category other{rate_errc::exceeds_burst, "exceeds limiter's burst"};
  };
  static table& known = *new table;  // never destroyed: codes refer to it
  const detail::mutex_guard hold(known.mu);
  if (const auto there = known.categories.find(burst); there != known.categories.end()) return there->second;
  if (known.categories.size() == most_bursts) return known.other;
  return known.categories
      .try_emplace(burst, rate_errc::exceeds_burst, "exceeds limiter's burst " + std::to_string(burst))
      .first->second;
}

}  // namespace

std::error_condition make_error_condition(rate_errc e) noexcept { return {static_cast<int>(e), conditions()}; }

namespace detail {

std::error_code exceeds_burst(std::int64_t n, std::int64_t burst) { return {value_of(n), category_of(burst)}; }

std::error_code exceeds_deadline(std::int64_t n) noexcept {
  static const refusal_category& category =
      *new refusal_category(rate_errc::exceeds_deadline, "would exceed context deadline");
  return {value_of(n), category};
}

}  // namespace detail
}  // namespace goro
