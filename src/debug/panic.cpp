// SPDX-License-Identifier: BSL-1.0
// An exception that leaves a goroutine: a panic in Go's words.
//
// The trace has to show where it was thrown, but is printed only when nobody has caught it and all scope guards have
// run; by then the stack is gone. The unwinder works in two phases, though, and asks the personality routine of each
// frame in the first one, while the stack still stands. The first frame of every goroutine has one of ours
// (arch/context_*.S): being asked means that no handler was found before, so it takes the trace, says that the
// handler is here, and after the second phase goro_entry_landing runs goro_entry_exception(). Exceptions that are
// caught cost nothing.
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <cxxabi.h>
#include <pthread.h>
#include <unistd.h>
#include <unwind.h>

#include "arch/context.hpp"
#include "base/check.hpp"
#include "debug/dump.hpp"
#include "debug/last_words.hpp"
#include "debug/trace.hpp"
#include "sched/scheduler.hpp"

namespace goro::runtime {

namespace {

/// One for each goroutine that is dying; they are never many.
struct dying {
  const goroutine* g = nullptr;
  _Unwind_Exception* thrown = nullptr;
  call_stack thrown_at;
  dying* next = nullptr;
};
detail::spin_lock dying_lock;
dying* all_dying = nullptr;  // guarded by dying_lock

void remember_stack(const goroutine* g, _Unwind_Exception* thrown) noexcept {
  auto* const d = static_cast<dying*>(std::calloc(1, sizeof(dying)));
  if (d == nullptr) return;
  d->g = g;
  d->thrown = thrown;
  capture_here(d->thrown_at);
  dying_lock.lock();
  d->next = all_dying;
  all_dying = d;
  dying_lock.unlock();
}

/// The newest one remembered for g.
bool recall_stack(const goroutine* g, call_stack& into) noexcept {
  dying_lock.lock();
  const dying* d = all_dying;
  while (d != nullptr && d->g != g) d = d->next;
  if (d != nullptr) into = d->thrown_at;
  dying_lock.unlock();
  return d != nullptr;
}

/// The exception that unwinds g, if nobody in g will catch it.
_Unwind_Exception* recall_exception(const goroutine* g) noexcept {
  dying_lock.lock();
  const dying* d = all_dying;
  while (d != nullptr && d->g != g) d = d->next;
  dying_lock.unlock();
  return d != nullptr ? d->thrown : nullptr;
}

std::string type_of_current_exception() {
  const std::type_info* const type = abi::__cxa_current_exception_type();
  return "(" + (type != nullptr ? demangle(type->name()) : std::string("foreign exception")) + ")";
}

/// The texts of an exception and of those it is nested in, the oldest first.
void collect_texts(std::exception_ptr thrown, std::vector<std::string>& texts) {
  std::exception_ptr inner;
  std::string text;
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const std::nested_exception& e) {
    inner = e.nested_ptr();
    const auto* const known = dynamic_cast<const std::exception*>(&e);
    text = known != nullptr ? known->what() : type_of_current_exception();
  } catch (const std::exception& e) {
    text = e.what();
  } catch (const std::string& e) {
    text = e;
  } catch (const char* e) {
    text = e != nullptr ? e : "<nil>";
  } catch (int e) {
    text = std::to_string(e);
  } catch (unsigned e) {
    text = std::to_string(e);
  } catch (long e) {
    text = std::to_string(e);
  } catch (unsigned long e) {
    text = std::to_string(e);
  } catch (long long e) {
    text = std::to_string(e);
  } catch (unsigned long long e) {
    text = std::to_string(e);
  } catch (double e) {
    text = std::to_string(e);
  } catch (float e) {
    text = std::to_string(e);
  } catch (bool e) {
    text = e ? "true" : "false";
  } catch (char e) {
    text = std::string(1, e);
  } catch (...) {
    text = type_of_current_exception();
  }
  if (inner != nullptr) collect_texts(std::move(inner), texts);
  texts.push_back(std::move(text));
}

pthread_mutex_t one_prints = PTHREAD_MUTEX_INITIALIZER;

}  // namespace
}  // namespace goro::runtime

namespace goro {

using runtime::call_stack;

namespace detail {

/// Where a panic was made.
struct panic_origin final : ref_counted {
  panic_origin() { runtime::capture_here(stack); }
  static const call_stack* of(const panic& p) noexcept {
    return p.origin_ ? &static_cast<const panic_origin&>(*p.origin_).stack : nullptr;
  }
  call_stack stack;
};

}  // namespace detail

panic::panic(const std::string& text)
    : std::runtime_error(text), origin_(detail::ref<detail::panic_origin>(new detail::panic_origin)) {}
panic::panic(const char* text)
    : std::runtime_error(text), origin_(detail::ref<detail::panic_origin>(new detail::panic_origin)) {}
panic::panic(const panic&) noexcept = default;
panic& panic::operator=(const panic&) noexcept = default;
panic::~panic() = default;

}  // namespace goro

namespace goro::runtime {

namespace {

/// Where it was thrown, or made if it knows that: it may have been kept and thrown again.
call_stack origin_of(const std::exception_ptr& thrown, const call_stack& thrown_at) {
  try {
    std::rethrow_exception(thrown);
  } catch (const panic& p) {
    if (const call_stack* const made_at = detail::panic_origin::of(p)) return *made_at;
  } catch (...) {
  }
  return thrown_at;
}

/// Prints the panic of the current goroutine and ends the process, after the last one that is being printed.
/// `earlier` is the one during which it was thrown, or null.
[[noreturn]] void die_of_panic(std::exception_ptr thrown, const call_stack& thrown_at,
                               std::exception_ptr earlier = nullptr) {
  sched.panicking.fetch_add(1);
  std::vector<std::string> texts;
  const call_stack origin = origin_of(thrown, thrown_at);
  try {
    if (earlier != nullptr) collect_texts(std::move(earlier), texts);
    collect_texts(std::move(thrown), texts);
  } catch (...) {
    detail::fatal("panic while printing panic value");
  }
  const machine* const m = this_machine();
  const goroutine* const g = m != nullptr ? m->g : nullptr;
  pthread_mutex_lock(&one_prints);
  {
    output out;
    for (std::size_t i = 0; i < texts.size(); ++i)
      (out << (i == 0 ? "panic: " : "\tpanic: ")).indented(texts[i]) << '\n';
    if (g != nullptr) {
      out << "\ngoroutine " << g->id << " [running]:\n";
    } else {
      out << "\na thread that is no goroutine:\n";
    }
    out.flush();
    print(out, origin);
    if (g != nullptr) print_creator(out, g);
  }
  pthread_mutex_unlock(&one_prints);
  if (sched.panicking.fetch_sub(1) == 1) exit_with_2();
  for (;;) ::pause();
}

std::terminate_handler previous_handler = nullptr;

[[noreturn]] void on_terminate() {
  const machine* const m = this_machine();
  const bool on_goroutine = m != nullptr && m->g != nullptr;
  if (const std::exception_ptr thrown = std::current_exception()) {
    bool ours = on_goroutine;
    if (!ours) {
      try {
        std::rethrow_exception(thrown);
      } catch (const panic&) {
        ours = true;
      } catch (...) {
      }
    }
    if (ours) {
      call_stack here;
      capture_here(here);
      die_of_panic(thrown, here);
    }
  } else if (on_goroutine) {
    detail::fatal("std::terminate called without an exception");
  }
  if (previous_handler != nullptr) previous_handler();
  std::abort();
}

bool is_goexit(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const goexit_signal&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace

goexit_signal::~goexit_signal() {
  const machine* const m = this_machine();
  if (m != nullptr && m->g != nullptr && m->g->exit == goexit_state::under_way) die_of_swallowed_goexit(m->g);
}

void install_terminate_handler() noexcept { previous_handler = std::set_terminate(on_terminate); }

extern "C" _Unwind_Reason_Code goro_entry_personality(int, _Unwind_Action actions, std::uint64_t,
                                                      _Unwind_Exception* thrown, _Unwind_Context* context) {
  if ((actions & _UA_SEARCH_PHASE) != 0) {
    const goroutine* const g = this_machine()->g;
    if (g->exit == goexit_state::none) remember_stack(g, thrown);
    return _URC_HANDLER_FOUND;
  }
  if ((actions & _UA_HANDLER_FRAME) == 0) return _URC_CONTINUE_UNWIND;
  _Unwind_SetGR(context, __builtin_eh_return_data_regno(0), reinterpret_cast<std::uintptr_t>(thrown));
  _Unwind_SetIP(context, reinterpret_cast<std::uintptr_t>(&goro_entry_landing));
  return _URC_INSTALL_CONTEXT;
}

extern "C" void goro_entry_exception(void* thrown) {
  abi::__cxa_begin_catch(thrown);
  const std::exception_ptr current = std::current_exception();
  goroutine* const g = this_machine()->g;
  const bool exits = g->exit != goexit_state::none;
  g->exit = goexit_state::none;
  if (!exits && !is_goexit(current)) {
    call_stack thrown_at;
    if (!recall_stack(g, thrown_at)) capture_here(thrown_at);
    die_of_panic(current, thrown_at);
  }
  const_cast<std::exception_ptr&>(current) = nullptr;
  abi::__cxa_end_catch();
  end_after_unwinding();
}

}  // namespace goro::runtime

namespace goro::detail {

std::exception_ptr caught_exception() {
  const runtime::machine* const m = runtime::this_machine();
  if (m != nullptr && m->g != nullptr && m->g->exit == runtime::goexit_state::under_way) throw;
  return std::current_exception();
}

std::exception_ptr caught_error() {
  try {
    throw;
  } catch (const panic&) {
    throw;
  } catch (...) {
    return caught_exception();
  }
}

/// Called from a handler in defer's destructor, with another exception on its way.
void defer_threw_while_unwinding() noexcept {
  using namespace runtime;
  const std::exception_ptr thrown = std::current_exception();
  const machine* const m = this_machine();
  // goexit during a panic aborts the panic: the unwinding goes on, and ends the goroutine instead of the process.
  if (m != nullptr && m->g != nullptr && is_goexit(thrown)) {
    m->g->exit = goexit_state::after_panic;
    return;
  }
  call_stack here;
  capture_here(here);
  std::exception_ptr earlier;
  if (m != nullptr && m->g != nullptr) {
    if (_Unwind_Exception* const unwinding = recall_exception(m->g)) {
      abi::__cxa_begin_catch(unwinding);
      earlier = std::current_exception();
    }
  }
  die_of_panic(thrown, here, earlier);
}

}  // namespace goro::detail
