// SPDX-License-Identifier: BSL-1.0
#include "sched/run_queue.hpp"

#include <algorithm>
#include <mutex>
#include <new>

namespace goro::runtime {

using guard = std::lock_guard<detail::spin_lock>;

bool run_queue::spill_half() noexcept {
  auto* const b = new (std::nothrow) batch;
  if (b == nullptr) return false;
  b->size = ring_.try_take_half(b->items);
  if (b->size == 0) {  // thieves were here
    delete b;
    return true;
  }
  const guard hold(lock_);
  b->older = newest_;
  (newest_ != nullptr ? newest_->newer : oldest_) = b;
  newest_ = b;
  batches_.store(batches_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  return true;
}

void run_queue::unlink(batch* b) noexcept {
  (b->older != nullptr ? b->older->newer : oldest_) = b->newer;
  (b->newer != nullptr ? b->newer->older : newest_) = b->older;
  batches_.store(batches_.load(std::memory_order_relaxed) - 1, std::memory_order_release);
}

void run_queue::refill() noexcept {
  batch* b = nullptr;
  {
    const guard hold(lock_);
    b = newest_;
    if (b == nullptr) return;
    for (std::uint32_t i = b->first; i < b->size; ++i) {
      const bool pushed = ring_.try_push(b->items[i]);
      GORO_CHECK(pushed, "run queue: O2: an empty ring takes a batch", ring_.size());
    }
    unlink(b);  // O2
  }
  delete b;
}

goroutine* run_queue::try_pop_oldest() noexcept {
  if (!has_overflow()) return nullptr;
  batch* emptied = nullptr;
  goroutine* g = nullptr;
  {
    const guard hold(lock_);
    batch* const b = oldest_;
    if (b == nullptr) return nullptr;
    g = b->items[b->first++];
    if (b->first == b->size) {
      unlink(b);
      emptied = b;
    }
  }
  delete emptied;
  return g;
}

std::uint32_t run_queue::take_oldest_batch(goroutine* (&out)[batch_size]) noexcept {
  batch* b = nullptr;
  {
    const guard hold(lock_);
    b = oldest_;
    if (b == nullptr) return 0;
    unlink(b);
  }
  const std::uint32_t n = b->size - b->first;
  std::copy_n(b->items + b->first, n, out);
  delete b;
  return n;
}

}  // namespace goro::runtime
