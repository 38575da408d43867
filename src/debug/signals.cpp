// SPDX-License-Identifier: BSL-1.0
#include "debug/signals.hpp"

#include <atomic>
#include <cerrno>

#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "debug/last_words.hpp"
#include "os/futex.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

constexpr std::size_t signal_stack_size = 128 * 1024;

struct sigaction previous_segv;
struct sigaction previous_bus;

void pass_on(int signal, siginfo_t* info, void* context) {
  const struct sigaction& previous = signal == SIGBUS ? previous_bus : previous_segv;
  if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction != nullptr) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    ::signal(signal, SIG_DFL);  // the instruction faults again, now without a handler
  }
}

void on_fault(int signal, siginfo_t* info, void* context) {
  stack_bounds bounds;
  const machine* const m = this_machine();
  if (m != nullptr && m->g != nullptr && find_guard(info->si_addr, bounds)) die_of_stack_overflow(m->g, bounds);
  pass_on(signal, info, context);
}

void on_quit(int) {
  const int saved = errno;
  sched.dump_requested.store(true);
  wake_monitor();
  errno = saved;
}

struct {
  std::atomic<call_stack*> into{nullptr};
  std::atomic<std::uint32_t> done{0};
} request;

/// errno is restored before the capture is announced, so that captures are ordered in whichever goroutines they come.
/// futex_wake() cannot fail, and leaves it alone.
void on_capture(int) {
  if (call_stack* const into = request.into.exchange(nullptr)) {
    const int saved = errno;
    capture_here(*into);
    errno = saved;
    request.done.store(1);
    futex_wake(request.done, 1);
  }
}

}  // namespace

void install_signal_handlers() noexcept {
  struct sigaction action {};
  sigemptyset(&action.sa_mask);
  action.sa_sigaction = on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  ::sigaction(SIGSEGV, &action, &previous_segv);
  ::sigaction(SIGBUS, &action, &previous_bus);

  struct sigaction quit {};
  ::sigaction(SIGQUIT, nullptr, &quit);
  if ((quit.sa_flags & SA_SIGINFO) == 0 && quit.sa_handler == SIG_DFL) {
    quit.sa_handler = on_quit;
    // ThreadSanitizer runs the handler only when the system call that it interrupts is over (see futex.cpp).
    quit.sa_flags = SA_ONSTACK | (GORO_TSAN ? 0 : SA_RESTART);
    ::sigaction(SIGQUIT, &quit, nullptr);
  }
}

alternate_signal_stack::alternate_signal_stack() noexcept {
  void* const memory = ::mmap(nullptr, signal_stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return;
  memory_ = memory;
  const stack_t stack{memory, 0, signal_stack_size};
  ::sigaltstack(&stack, nullptr);
}

alternate_signal_stack::~alternate_signal_stack() {
  if (memory_ == nullptr) return;
  const stack_t off{nullptr, SS_DISABLE, 0};
  ::sigaltstack(&off, nullptr);
  ::munmap(memory_, signal_stack_size);
}

bool capture_running(int thread_id, call_stack& into) noexcept {
  struct sigaction action {};
  struct sigaction previous {};
  action.sa_handler = on_capture;
  action.sa_flags = SA_RESTART | SA_ONSTACK;
  ::sigaction(SIGURG, &action, &previous);
  request.done.store(0);
  request.into.store(&into);
  ::syscall(SYS_tgkill, ::getpid(), thread_id, SIGURG);
  const std::int64_t until = now_ns() + 100 * millisecond;
  while (request.done.load() == 0 && now_ns() < until) futex_wait(request.done, 0, until);
  if (request.done.load() == 0 && request.into.exchange(nullptr) == nullptr)  // it has begun
    while (request.done.load() == 0) futex_wait(request.done, 0, never);
  ::sigaction(SIGURG, &previous, nullptr);
  return request.done.load() != 0;
}

}  // namespace goro::runtime
