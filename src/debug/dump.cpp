// SPDX-License-Identifier: BSL-1.0
// Dumps of all goroutines, in Go's format. Everything here reads the state of a stopped world.
#include "debug/dump.hpp"

#include <algorithm>
#include <array>
#include <ostream>
#include <string>

#include <goro/debug.hpp>

#include "debug/signals.hpp"
#include "debug/trace.hpp"
#include "os/clock.hpp"
#include "sched/blocks.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

const char* describe(status s) noexcept {
  switch (s) {
    case status::free: return "idle";
    case status::runnable: return "runnable";
    case status::running: return "running";
    case status::waiting: return "waiting";
    case status::blocking: return "syscall";
    case status::dead: return "dead";
  }
  return "?";
}

bool is_shown(const goroutine* g) noexcept {
  const status s = g->state.load(std::memory_order_acquire);
  if (s == status::free || s == status::dead) return false;
  if (!g->is_thread) return true;
  return s == status::waiting && g->reason.load(std::memory_order_relaxed) != wait_reason::run;
}

/// A thread whose goroutine is on the processor right now has to be asked; everything else stands still.
void capture(const goroutine* g, call_stack& into) noexcept {
  into.size = 0;
  const status s = g->state.load(std::memory_order_acquire);
  if (g->is_thread) {
    capture_running(g->thread_id, into);
    return;
  }
  if (s == status::running || s == status::blocking) {
    const machine* const m = g->m;
    if (m != nullptr && m->g == g && m->thread_id != 0) capture_running(m->thread_id, into);
  } else if (s == status::waiting || (s == status::runnable && g->m != nullptr)) {
    capture_parked(g, into);
  }
}

const char* reason_or_status(const goroutine* g) noexcept {
  const status s = g->state.load(std::memory_order_acquire);
  return s == status::waiting ? to_string(g->reason.load(std::memory_order_relaxed)) : describe(s);
}

/// 0 for one that does not wait.
std::uint64_t minutes_waited(const goroutine* g) noexcept {
  const std::int64_t since = g->waiting_since.load(std::memory_order_relaxed);
  if (since == 0 || g->state.load(std::memory_order_acquire) != status::waiting) return 0;
  return static_cast<std::uint64_t>((now_ns() - since) / (60 * second));
}

/// Calls f for each goroutine to be shown: the main one, then the others by number. Sorted in rounds of a fixed
/// size, so that nothing is allocated.
template <class F>
void in_order(F f) {
  struct round {
    std::uint64_t after = 0;
    std::array<goroutine*, 256> found;
    std::size_t size = 0;
    void add(goroutine* g) {
      if (!is_shown(g) || g->id <= after) return;
      if (size == found.size()) {
        if (g->id >= found.back()->id) return;
        --size;
      }
      std::size_t at = size++;
      for (; at > 0 && found[at - 1]->id > g->id; --at) found[at] = found[at - 1];
      found[at] = g;
    }
  };
  for (round r;; r.size = 0) {
    const auto add = [](goroutine* g, void* to) { static_cast<round*>(to)->add(g); };
    for_each_goroutine(add, &r);
    for_each_proxy(add, &r);
    if (r.size == 0) return;
    for (std::size_t i = 0; i < r.size; ++i) f(r.found[i]);
    r.after = r.found[r.size - 1]->id;
  }
}

}  // namespace

void print_goroutine(output& out, goroutine* g) {
  out << "goroutine " << g->id << " [" << reason_or_status(g);
  if (const std::uint64_t minutes = minutes_waited(g); minutes != 0) out << ", " << minutes << " minutes";
  if (g->lock_depth != 0) out << ", locked to thread";
  if (g->is_thread) out << ", plain thread";
  out << "]";
  if (g->name != nullptr) out << " \"" << g->name << '"';
  out << ":\n";
  call_stack stack;
  capture(g, stack);
  print(out, stack);
  print_creator(out, g);
}

void print_all_goroutines(output& out, const goroutine* except) {
  in_order([&](goroutine* g) {
    if (g == except) return;
    out << '\n';
    print_goroutine(out, g);
  });
}

void report_leftovers() {
  output out;
  std::size_t n = 0;
  in_order([&n](const goroutine* g) { n += g->is_thread || g->id == 1 ? 0 : 1; });
  if (n == 0) return;
  out << "goro::run: " << std::uint64_t{n} << (n == 1 ? " goroutine was" : " goroutines were")
      << " left over when the main function returned\n";
  in_order([&out](goroutine* g) {
    if (g->is_thread || g->id == 1) return;
    out << '\n';
    print_goroutine(out, g);
  });
}

}  // namespace goro::runtime

namespace goro::debug {

using namespace runtime;

runtime_stats stats() {
  ensure_started();
  const machine_counters total = total_counters();
  const auto live = [](std::int64_t n) { return n > 0 ? static_cast<std::size_t>(n) : 0; };
  runtime_stats s;
  s.goroutines = live(goroutine_count());
  s.channels = live(total.channels.get());
  s.stacks = live(total.stacks.get() - sched.abandoned_stacks.load());
  s.processors = static_cast<std::size_t>(sched.processor_count.load());
  s.timers = sched.outside_timers.size();
  for (std::size_t i = 0; i < s.processors; ++i) s.timers += sched.processors[i].load()->timers.size();
  {
    const global_guard hold(sched.lock);
    s.threads = sched.machine_count;
  }
  s.spawned = static_cast<std::uint64_t>(total.spawned.get());
  s.steals = static_cast<std::uint64_t>(total.steals.get());
  s.handoffs = static_cast<std::uint64_t>(total.handoffs.get());
  s.takeaways = sched.takeaways.load();
  s.futex_sleeps = static_cast<std::uint64_t>(total.futex_sleeps.get());
  s.futex_wakes = static_cast<std::uint64_t>(total.futex_wakes.get());
  s.migrations = static_cast<std::uint64_t>(total.migrations.get());
  s.parks = static_cast<std::uint64_t>(total.parks.get());
  s.global_locks = static_cast<std::uint64_t>(total.global_locks.get());
  s.shared_writes = static_cast<std::uint64_t>(total.shared_writes.get());
  s.barriers = asymmetric_barrier::heavy_count();
  return s;
}

std::vector<goroutine_info> goroutines() {
  ensure_started();
  std::vector<std::pair<goroutine_info, call_stack>> found;
  std::vector<const void*> creators;
  {
    const detail::blocking_section without_processor;
    stop_world();
    const machine* const here = this_machine();
    enter_runtime_annotation();  // the world stands still, which ThreadSanitizer does not know
    in_order([&](goroutine* g) {
      goroutine_info info;
      call_stack stack;
      info.id = g->id;
      if (g->name != nullptr) info.name = g->name;
      info.locked_to_thread = g->lock_depth != 0;
      const bool self = here != nullptr && here->g == g;
      const status s = self ? status::running : g->state.load(std::memory_order_acquire);
      info.status = describe(s);
      if (s == status::waiting) info.reason = to_string(g->reason.load(std::memory_order_relaxed));
      info.minutes = self ? 0 : minutes_waited(g);
      if (g->creator_pc != nullptr) info.creator = " in goroutine " + std::to_string(g->creator_id);
      if (self) {
        capture_here(stack);
      } else {
        capture(g, stack);
      }
      creators.push_back(g->creator_pc);
      found.emplace_back(std::move(info), stack);
    });
    leave_runtime_annotation();
    start_world();
  }
  std::vector<goroutine_info> result;
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto& [info, stack] = found[i];
    if (creators[i] != nullptr) info.creator = "created by " + symbolize_call(creators[i]).function + info.creator;
    for (const frame& f : symbolize(stack)) info.stack.push_back(f.function + "\n\t" + f.place);
    result.push_back(std::move(info));
  }
  return result;
}

void dump(std::ostream& out) {
  bool first = true;
  for (const goroutine_info& g : goroutines()) {
    if (!first) out << '\n';
    first = false;
    out << "goroutine " << g.id << " [" << (g.reason.empty() ? g.status : g.reason)
        << (g.minutes == 0 ? "" : ", " + std::to_string(g.minutes) + " minutes")
        << (g.locked_to_thread ? ", locked to thread]" : "]");
    if (!g.name.empty()) out << " \"" << g.name << '"';
    out << ":\n";
    for (const std::string& line : g.stack) out << line << '\n';
    if (!g.creator.empty()) out << g.creator << '\n';
  }
}

}  // namespace goro::debug
