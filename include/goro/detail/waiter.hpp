// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include <goro/detail/channel.hpp>

namespace goro::detail {

struct goroutine;

/// One party waiting at one channel. Lives on the stack of the one who waits; whoever completes the operation for
/// it unlinks it under the channel's lock and does not touch it again once the goroutine is made runnable.
struct waiter {
  channel* c = nullptr;
  void* value = nullptr;       // send: moved from; receive: constructed
  goroutine* g;                // set when it waits
  waiter* next;                // guarded by the channel's lock
  waiter* previous;            // guarded by the channel's lock
  bool sends = false;
  bool in_select = false;      // must be claimed before it is completed: another case may win
  bool queued = false;         // guarded by the channel's lock
  bool success = false;        // written by the one who completes it: a value passed; false: the channel was closed
};

/// Chooses among the cases as src/chan/select.cpp says. `order` has room for n of them. Returns the index chosen, whose
/// `success` is set, or n if none was ready and has_otherwise.
std::size_t select(waiter* cases, waiter** order, std::size_t n, bool has_otherwise);

/// Counts the cases that the calling goroutine has made and not yet dropped. While there are any, the last handle
/// of a channel does not free it: a case keeps its channel, without the price of counting references.
///
/// Only the goroutine itself touches it; atomic for ThreadSanitizer's sake, which cannot know that a control block
/// used again is a new one.
struct case_pins {
  static constexpr std::size_t some_deferred = 1;
  static constexpr std::size_t one_case = 2;
  std::atomic<std::size_t> word{0};  // one word, so that the last case learns all it needs from its own subtraction
  std::atomic<channel*> deferred{nullptr};  // freed when the last case is dropped
};
[[nodiscard]] case_pins& current_pins() noexcept;
void release_deferred(case_pins& pins) noexcept;

class pinned_case {
 public:
  pinned_case() noexcept : pins_(current_pins()) {
    pins_.word.store(word() + case_pins::one_case, std::memory_order_relaxed);
  }
  pinned_case(const pinned_case&) = delete;
  pinned_case& operator=(const pinned_case&) = delete;
  ~pinned_case() {
    const std::size_t left = word() - case_pins::one_case;
    pins_.word.store(left, std::memory_order_relaxed);
    if (left == case_pins::some_deferred) release_deferred(pins_);
  }

 private:
  [[nodiscard]] std::size_t word() const noexcept { return pins_.word.load(std::memory_order_relaxed); }
  case_pins& pins_;
};

}  // namespace goro::detail
