// SPDX-License-Identifier: BSL-1.0
// Fatal errors: what cannot be survived. The text goes out first and without allocation; then, as far as the state
// of the process allows, the goroutines. A watchdog sees to it that the process ends whatever happens on the way.
#include <csignal>
#include <cstdio>
#include <ostream>
#include <string>

#include <sys/syscall.h>
#include <unistd.h>
#include <iostream>

#include "base/check.hpp"
#include "base/output.hpp"
#include "debug/dump.hpp"
#include "debug/last_words.hpp"
#include "debug/trace.hpp"
#include "os/memory.hpp"
#include "os/thread.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

std::atomic<int> dying_thread{0};

/// Past everything that wants to run at exit, a sanitizer's last look at this thread included.
[[noreturn]] void end_now(int = 0) noexcept {
  ::syscall(SYS_exit_group, 2);
  __builtin_trap();
}

void end_on_signal(int) { end_now(); }

/// From here on one thread writes. A fault or a hang while it does ends the process.
void begin_dying() noexcept {
  int nobody = 0;
  const int self = this_thread_id();
  if (!dying_thread.compare_exchange_strong(nobody, self)) {
    if (nobody == self) end_now();  // a fatal error while reporting one
    for (;;) ::pause();
  }
  std::signal(SIGALRM, end_on_signal);
  std::signal(SIGSEGV, end_on_signal);
  std::signal(SIGBUS, end_on_signal);
  std::signal(SIGABRT, end_on_signal);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGALRM);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  ::alarm(20);
}

goroutine* running_here() noexcept {
  const machine* const m = this_machine();
  return m != nullptr ? m->g : nullptr;
}

/// The goroutine that met the error, then all others.
[[noreturn]] void dump_all_and_exit(output& out, const call_stack& here) noexcept {
  goroutine* const self = running_here();
  if (self != nullptr) {
    out << "\ngoroutine " << self->id << " [running]:\n";
    print(out, here);
    print_creator(out, self);
  } else {
    out << "\na thread that is no goroutine:\n";
    print(out, here);
  }
  out.flush();
  try_to_stop_world();
  print_all_goroutines(out, self);
  out.flush();
  exit_with_2();
}

}  // namespace

void exit_with_2() noexcept {
  std::signal(SIGALRM, end_on_signal);
  ::alarm(3);  // a stream may be locked by a thread that no longer runs
  try {
    std::cout.flush();
  } catch (...) {
  }
  std::fflush(nullptr);
  end_now();
}

void check_failed(const char* condition, const char* sentence, const char* file, int line, std::uint64_t a,
                  std::uint64_t b) noexcept {
  begin_dying();
  call_stack here;
  capture_here(here);
  output out;
  out << "fatal error: " << sentence << "\n\t" << condition << "\t" << file << ':' << line << "\n\tvalues " << a << ' '
      << b;
  if (const goroutine* const g = running_here()) out << ", goroutine " << g->id;
  out << "\n\tthis is a bug in goro or memory corruption in the program; please report it with this text\n";
  out.flush();
  dump_all_and_exit(out, here);
}

void report_deadlock() {
  begin_dying();
  output out;
  if (sched.main_has_exited.load() && goroutine_count() == 0) {
    out << "fatal error: no goroutines (main called runtime.Goexit) - deadlock!\n";
  } else {
    out << "fatal error: all goroutines are asleep - deadlock!\n";
  }
  out.flush();
  print_all_goroutines(out);
  out.flush();
  exit_with_2();
}

void dump_and_exit() {
  begin_dying();
  output out;
  out << "SIGQUIT: quit\n";
  out.flush();
  try_to_stop_world();
  print_all_goroutines(out);
  out.flush();
  exit_with_2();
}

void die_of_swallowed_goexit(goroutine* g) noexcept {
  begin_dying();
  call_stack here;
  capture_here(here);
  output out;
  out << "fatal error: goexit was swallowed by a catch (...) in goroutine " << g->id
      << "\n\tgoro::goexit() unwinds the goroutine; a handler for everything must pass it on: catch (...) { ...; "
         "throw; }\n";
  dump_all_and_exit(out, here);
}

void die_without_stack(goroutine* g, stack_failure why) noexcept {
  begin_dying();
  call_stack here;
  capture_here(here);
  output out;
  const std::size_t size = g->stack_size != 0 ? g->stack_size : default_stack_size;
  if (why == stack_failure::guard_limit) {
    out << "fatal error: no guard page to be had for the stack of goroutine " << g->id
        << "\n\tthis kernel needs two mappings for each guarded stack, and vm.max_map_count is " << mapping_limit()
        << ": raise it (sysctl -w vm.max_map_count=...), run fewer goroutines at a time, or use Linux 6.13 or newer\n";
  } else if (why == stack_failure::sanitizer_limit) {
    out << "fatal error: ThreadSanitizer cannot follow one more goroutine: goroutine " << g->id
        << "\n\tit has room for 8128 threads and goroutines at a time: run fewer at a time, or build without it\n";
  } else {
    out << "fatal error: out of memory: no stack of " << size << " bytes for goroutine " << g->id
        << "\n\tthe address space is exhausted or limited (see ulimit -v, vm.overcommit_memory): run fewer goroutines "
           "at "
           "a time, or give them smaller stacks (go_options::stack_size)\n";
  }
  print_creator(out, g);
  dump_all_and_exit(out, here);
}

namespace {

struct {
  goroutine* g = nullptr;
  stack_bounds bounds;
  call_stack at;
} overflow;  // written by the first thread that overflows, then read by the monitor

}  // namespace

void die_of_stack_overflow(goroutine* g, const stack_bounds& bounds) noexcept {
  static std::atomic<bool> first{true};
  if (first.exchange(false)) {
    overflow.g = g;
    overflow.bounds = bounds;
    capture_here(overflow.at);
    sched.overflow_reported.store(true);
    wake_monitor();
  }
  for (;;) ::pause();
}

void report_stack_overflow() noexcept {
  begin_dying();
  output out;
  const goroutine* const g = overflow.g;
  const auto size = static_cast<std::uint64_t>(overflow.bounds.top - overflow.bounds.bottom);
  out << "runtime: goroutine stack exceeds " << size << "-byte limit\nfatal error: stack overflow\n\n";
  out << "goroutine " << g->id;
  if (g->name != nullptr) out << " \"" << g->name << '"';
  out << " has a stack of " << size << " bytes; if that is too little, give it a larger one: "
      << (g->id == 1 ? "goro::run({.stack_size = " : "goro::go({.stack_size = ") << size * 4 << "}, f)\n\ngoroutine "
      << g->id << " [running]:\n";
  out.flush();
  print(out, overflow.at);
  print_creator(out, g);
  out.flush();
  try_to_stop_world();
  print_all_goroutines(out, g);
  out.flush();
  exit_with_2();
}

}  // namespace goro::runtime

namespace goro::detail {

void fatal(const char* text) noexcept {
  runtime::begin_dying();
  runtime::call_stack here;
  runtime::capture_here(here);
  runtime::output out;
  out << "fatal error: " << text << '\n';
  out.flush();
  runtime::dump_all_and_exit(out, here);
}

void throw_panic(const char* text) {
  runtime::ensure_started();  // so that a panic nobody catches is reported as one, on a plain thread too
  throw panic(text);
}
void throw_panic(const std::string& text) {
  runtime::ensure_started();
  throw panic(text);
}

}  // namespace goro::detail
