// SPDX-License-Identifier: BSL-1.0
#include "sched/run_queue.hpp"

#include <algorithm>
#include <iterator>
#include <mutex>
#include <new>
#include <utility>

namespace goro::runtime {

using guard = std::lock_guard<detail::spin_lock>;

run_queue::page* run_queue::newest_with_room() noexcept {
  if (newest_ != nullptr && newest_->end + batch_size <= std::size(newest_->items)) return newest_;
  void* const memory = spare_ != nullptr ? std::exchange(spare_, nullptr) : reserve(overflow_page_size, page_size);
  if (memory == nullptr) return nullptr;
  auto* const p = ::new (memory) page;
  p->older = newest_;
  (newest_ != nullptr ? newest_->newer : oldest_) = p;
  newest_ = p;
  return p;
}

void run_queue::drop_if_empty(page* p) noexcept {
  if (p->size() != 0) return;
  (p->older != nullptr ? p->older->newer : oldest_) = p->newer;
  (p->newer != nullptr ? p->newer->older : newest_) = p->older;
  pages_.store(pages_.load(std::memory_order_relaxed) - 1, std::memory_order_release);
  if (spare_ == nullptr) {
    spare_ = p;
  } else {
    release(p, overflow_page_size);
  }
}

bool run_queue::spill_half() noexcept {
  const guard hold(lock_);
  page* const before = newest_;
  page* const p = newest_with_room();
  if (p == nullptr) return false;
  if (p != before) pages_.store(pages_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
  p->end += ring_.try_take_half(p->items + p->end);
  drop_if_empty(p);  // thieves were here
  return true;
}

void run_queue::refill() noexcept {
  const guard hold(lock_);
  page* const p = newest_;
  if (p == nullptr) return;
  const std::uint32_t n = std::min(p->size(), batch_size);
  for (std::uint32_t i = p->end - n; i < p->end; ++i)
    fetch_goroutine(p->items[i]);  // in the ring they are a thief's, too
  for (std::uint32_t i = p->end - n; i < p->end; ++i) {
    const bool pushed = ring_.try_push(p->items[i]);
    GORO_CHECK(pushed, "run queue: an empty ring takes half a ring", ring_.size());
  }
  p->end -= n;
  drop_if_empty(p);  // O2
}

std::uint32_t run_queue::take_oldest(goroutine** out, std::uint32_t most) noexcept {
  const guard hold(lock_);
  page* const p = oldest_;
  if (p == nullptr) return 0;
  const std::uint32_t n = std::min(p->size(), most);
  std::copy_n(p->items + p->first, n, out);
  p->first += n;
  drop_if_empty(p);
  return n;
}

}  // namespace goro::runtime
