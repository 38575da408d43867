// SPDX-License-Identifier: BSL-1.0
#include "memory_walk.hpp"

#include <sys/mman.h>

#include <cstddef>
#include <memory>
#include <new>
#include <vector>

#include "growth.hpp"

namespace {

struct alignas(64) line {
  std::uint64_t visits = 0;
};

struct part {
  line* lines = nullptr;  // next to each other
  int count = 0;

  void visit() const {
    for (int i = 0; i < count; ++i) ++lines[i].visits;
  }
};

// At the front of the part that leads to the others, and to the next of n.
struct alignas(64) thing {
  thing* next = nullptr;
  part rest;
  part others[2];
};

// As goro lays them out: one stack in each 276 KiB of address space, with tops that are not all aligned alike.
constexpr std::size_t stack_stride = 276 * 1024;
constexpr std::size_t stack_colours = 31;
constexpr std::size_t lines_of_block = 5;

class mapping {
 public:
  explicit mapping(std::size_t size) : size_(size) {
    start_ = mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start_ == MAP_FAILED) throw std::bad_alloc();
    madvise(start_, size_, MADV_NOHUGEPAGE);
  }
  mapping(const mapping&) = delete;
  mapping& operator=(const mapping&) = delete;
  ~mapping() { munmap(start_, size_); }
  [[nodiscard]] std::byte* start() const { return static_cast<std::byte*>(start_); }

 private:
  std::size_t size_;
  void* start_;
};

double walk(std::int64_t n, footprint each) {
  const auto count = static_cast<std::size_t>(n);
  std::unique_ptr<mapping> stacks;
  std::vector<line> blocks;
  std::vector<std::unique_ptr<line[]>> heap(count);
  if (each.stack_lines > 0) stacks = std::make_unique<mapping>(count * stack_stride);
  if (each.block_lines > 0) blocks.resize(count * lines_of_block);

  thing* first = nullptr;
  thing* last = nullptr;
  for (std::size_t i = 0; i < count; ++i) {
    if (each.heap_lines > 0) heap[i] = std::make_unique<line[]>(static_cast<std::size_t>(each.heap_lines));
    const bool has_block = each.block_lines > 0;
    line* const front = has_block ? &blocks[i * lines_of_block] : heap[i].get();
    auto* const one = new (front) thing;
    one->rest = {front + 1, (has_block ? each.block_lines : each.heap_lines) - 1};
    if (has_block) one->others[0] = {heap[i].get(), each.heap_lines};
    if (each.stack_lines > 0) {
      std::byte* const top = stacks->start() + (i + 1) * stack_stride - i % stack_colours * sizeof(line);
      std::byte* const lowest = top - static_cast<std::size_t>(each.stack_lines) * sizeof(line);
      one->others[1] = {reinterpret_cast<line*>(lowest), each.stack_lines};
    }
    (last != nullptr ? last->next : first) = one;
    last = one;
  }
  last->next = first;

  return in_rounds(n, [&] {
    thing* at = first;
    for (std::int64_t i = 0; i < n; ++i) {
      at->rest.visit();
      for (const part& other : at->others) other.visit();
      at = at->next;
    }
  });
}

}  // namespace

double memory_walk(std::int64_t n, footprint each) {
  if (each == nothing_else) return 0;
  struct known {
    std::int64_t n;
    footprint each;
    double ns;
  };
  static std::vector<known> results;
  footprint once = each;
  once.times = 1;
  for (const known& one : results)
    if (one.n == n && one.each == once) return one.ns * each.times;
  return results.emplace_back(known{n, once, walk(n, once)}).ns * each.times;
}
