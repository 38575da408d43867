// SPDX-License-Identifier: BSL-1.0
// A hash table that is read without a lock: the parts of a concurrent_map of any types (map_of_nodes.hpp).
//
// Cells in an array, searched from the place that the hash says up to the first empty one. A cell holds an entry's
// address and its hash, so that a search passes other keys without touching their entries. An entry never changes:
// another value is another entry in the same cell. Writers hold the lock. A reader writes nothing but a hazard, in a line
// that belongs to its processor (hazard.cpp), and only for what it finds: an entry that is not there costs no write.
//
// Found: the hazard decides.
//
//   reader                                        writer, under the lock
//   H1  hold the address that the cell has        D1  give the cell another entry or none, or publish another array
//   H2  same cell, same array ?                   D2  is_held(entry) ? keep it in `retired` : delete it
//       use the entry : look again
//
//   T1  What a reader uses is not deleted (hazard.hpp). H2 asks for the array too because the cells of a smaller one keep
//       what they had when it was replaced.
//   T2  An entry is deleted when it is in no cell of the newest array, has no hazard and no pin: retire().
//
// Not found: the version decides. It is odd while entries move or are hidden, and another one afterwards.
//
//   reader                                        writer, under the lock
//   V1  read the version                          M1  version += 1, now odd
//       search up to an empty cell                M2  move, hide or take out
//   V2  the version is still that, and even ?     M3  version += 1
//       it was not there : look again
//
//   T3  An entry that is there from V1 to V2 stands in one cell all the time, and no cell before it becomes empty. A reader
//       that passed that cell, or stopped before it, saw M2, hence sees M1 at V2.
//   T4  While a writer hides an entry, to move its value out or to copy it, it may still decide to put it back: readers that
//       miss it see an odd version, and wait for the lock.
//
// A reader that was disturbed a few times, or whose processor has no slot left for a hazard, looks under the lock and pins
// the entry: it counts itself there. It, too, uses the entry without the lock.
//
// Memory: at most as many entries are kept in `retired` as had readers when something was last taken out here. The
// smaller arrays stay until the end, for readers that are in them; together they are smaller than the newest.
//
// Why not
//   a chain for each bucket?    A reader in a chain needs a hazard for each step, and must see that the way behind it
//                               stands. Here no entry leads to another.
//   epochs?                     One reader that is slow to copy would keep everything that writers take out.
//   a count in each entry?      Readers of one key would write one line.
//
// Memory order: sequentially consistent wherever readers and writers meet, for H1-H2 against D1-D2, and because a load after
// a store must not seem to come before it. On what readers do that is free, but for H1. Writers read their own relaxed.
// Tested by: conformance/sync_map_test, unit/concurrent_map_memory_test, stress/sync_stress.
#include <goro/detail/shared_table.hpp>

#include <new>
#include <utility>

#include "base/check.hpp"

namespace goro::detail {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

shared_table::entry* push(shared_table::entry* list, shared_table::entry* e) noexcept {
  e->next = list;
  return e;
}

}  // namespace

void shared_table::insert(std::size_t hash, entry* e) {
  const block* b = cells_.load(relaxed);
  if (b == nullptr || 4 * (size_ + 1) > 3 * (b->mask + 1)) {
    grow();
    b = cells_.load(relaxed);
  }
  std::size_t i = hash;
  while ((*b)[i].there.load(relaxed) != nullptr) ++i;
  (*b)[i].hash.store(hash, relaxed);
  (*b)[i].there.store(e);
  ++size_;
}

shared_table::entry* shared_table::hide(cell& at) noexcept {
  version_.store(version_.load(relaxed) + 1);  // M1
  return at.there.exchange(nullptr);
}

void shared_table::show(cell& at, entry* e) noexcept {
  at.there.store(e);
  version_.store(version_.load(relaxed) + 1);  // M3
}

/// Closes the gap: what comes behind, and was put there because this cell was taken, moves up.
void shared_table::remove(cell& hidden) noexcept {
  GORO_CHECK(version_.load(relaxed) % 2 == 1, "T3: entries move only under an odd version");
  const block& b = *cells_.load(relaxed);
  auto gap = static_cast<std::size_t>(&hidden - b.cells());
  for (std::size_t i = gap + 1; entry* const e = b[i].there.load(relaxed); ++i) {
    const std::size_t hash = b[i].hash.load(relaxed);
    if (((i - hash) & b.mask) < i - gap) continue;  // its search begins behind the gap
    b[gap].hash.store(hash, relaxed);
    b[gap].there.store(e);
    gap = i;
  }
  --size_;
  show(b[gap], nullptr);
}

shared_table::entry* shared_table::remove_all() noexcept {
  entry* all = nullptr;
  const block* const b = cells_.load(relaxed);
  if (b == nullptr) return all;
  version_.store(version_.load(relaxed) + 1);  // M1
  for (std::size_t i = 0; i <= b->mask; ++i)
    if (entry* const e = (*b)[i].there.load(relaxed)) {
      (*b)[i].there.store(nullptr);
      all = push(all, e);
    }
  size_ = 0;
  version_.store(version_.load(relaxed) + 1);  // M3
  return all;
}

void shared_table::grow() {
  block* const before = cells_.load(relaxed);
  const std::size_t count = before == nullptr ? 8 : 2 * (before->mask + 1);
  static_assert(sizeof(block) % alignof(cell) == 0);
  auto* const b = new (::operator new(sizeof(block) + count * sizeof(cell))) block{before, count - 1};
  for (std::size_t i = 0; i < count; ++i) new (b->cells() + i) cell(nullptr, 0);
  if (before != nullptr) {
    for (std::size_t from = 0; from <= before->mask; ++from) {
      entry* const e = (*before)[from].there.load(relaxed);
      if (e == nullptr) continue;
      const std::size_t hash = (*before)[from].hash.load(relaxed);
      std::size_t to = hash;
      while ((*b)[to].there.load(relaxed) != nullptr) ++to;
      (*b)[to].hash.store(hash, relaxed);
      (*b)[to].there.store(e, relaxed);
    }
  }
  const std::size_t version = version_.load(relaxed);
  version_.store(version + 1);
  cells_.store(b);
  version_.store(version + 2);
}

// A reader left its way to copy before its hazard. No way and a hazard: that is of an entry that was at this address before.
bool shared_table::copy_if_read(const entry& hidden, void* to) const {
  if (!is_read(hidden)) return false;
  const copier copy = copy_.load(relaxed);
  if (copy == nullptr) return false;
  copy(hidden, to);
  return true;
}

shared_table::entry* shared_table::retire(entry* list) noexcept {
  while (list != nullptr) retired_ = push(retired_, std::exchange(list, list->next));
  entry* dead = nullptr;
  for (entry** at = &retired_; entry* const e = *at;) {
    if (is_read(*e)) {
      at = &e->next;
    } else {
      *at = e->next;
      dead = push(dead, e);
    }
  }
  return dead;
}

shared_table::entry* shared_table::dismantle() noexcept {
  entry* all = remove_all();
  while (retired_ != nullptr) all = push(all, std::exchange(retired_, retired_->next));
  return all;
}

shared_table::~shared_table() {
  GORO_CHECK(size_ == 0 && retired_ == nullptr, "a table that is destroyed holds nothing", size_);
  for (block* b = cells_.load(relaxed); b != nullptr;) ::operator delete(std::exchange(b, b->smaller));
}

void shared_table::unpin(entry* e) noexcept {
  const spin_guard hold(lock_);
  --e->pins;
}

}  // namespace goro::detail
