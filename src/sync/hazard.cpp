// SPDX-License-Identifier: BSL-1.0
// Where hazards are written down: a cache line for each machine, with room for as many readers as are likely to be in
// the middle of a read there, be it that their threads lost the CPU, that a copy constructor reads another map or that it
// parks. Only the machine's own readers write its line, and taking a slot of it is the full barrier that H1 needs.
//
//   Z1  A line without its mark in `used` holds nothing: the mark is set before the first slot is taken, in the single
//       order. So a search looks only at the machines that ever read.
// Tested by: unit/concurrent_map_memory_test, stress/sync_stress.
#include <goro/detail/hazard.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>

#include <goro/detail/place.hpp>

namespace goro::detail {

namespace {

constexpr std::size_t lines_of_a_group = 64;
constexpr std::size_t groups_in_all = 4;  // with more machines than 256, some share a line

struct group {
  alignas(64) std::atomic<std::uint64_t> used;  // a bit for each line
  hazard::line lines[lines_of_a_group];
};

constinit group groups[groups_in_all];

}  // namespace

hazard::line& hazard::nearest() noexcept {
  const std::size_t mine = this_place().number % (lines_of_a_group * groups_in_all);
  group& g = groups[mine / lines_of_a_group];
  const std::size_t number = mine % lines_of_a_group;
  if (const std::uint64_t mark = std::uint64_t{1} << number; (g.used.load() & mark) == 0) [[unlikely]]
    g.used.fetch_or(mark);
  return g.lines[number];
}

bool hazard::is_held(const void* object) noexcept {
  for (const group& g : groups)
    for (std::uint64_t rest = g.used.load(); rest != 0; rest &= rest - 1)
      for (const auto& slot : g.lines[std::countr_zero(rest)].slots)
        if (slot.load() == object) return true;
  return false;
}

}  // namespace goro::detail
