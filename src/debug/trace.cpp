// SPDX-License-Identifier: BSL-1.0
#include "debug/trace.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <unordered_map>

#include <cxxabi.h>
#include <dlfcn.h>
#include <unistd.h>
#include <unwind.h>

#include "arch/context.hpp"

namespace goro::runtime {

namespace {

_Unwind_Reason_Code take_frame(_Unwind_Context* context, void* argument) {
  auto& into = *static_cast<call_stack*>(argument);
  int before_instruction = 0;
  const auto pc = _Unwind_GetIPInfo(context, &before_instruction);
  if (pc == 0 || into.size == call_stack::max_frames) return _URC_END_OF_STACK;
  if (before_instruction != 0) into.size = 0;  // a signal came here: what it interrupted is asked for
  // A return address lies behind the call; its line may be the next one's.
  into.pcs[into.size++] = reinterpret_cast<void*>(pc - (before_instruction != 0 ? 0 : 1));
  return _URC_NO_REASON;
}

void capture_into(void* argument) {
  auto& into = *static_cast<call_stack*>(argument);
  into.size = 0;
  _Unwind_Backtrace(take_frame, &into);
}

bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

/// The directory of goro's own sources, as the compiler was given it.
std::string_view source_root() {
  constexpr std::string_view here = __FILE__;
  constexpr std::string_view below = "debug/trace.cpp";
  return here.substr(0, here.size() - below.size());
}

/// Of the C library and the program's own start.
bool is_libc(const frame& f) {
  const std::string_view place = f.place;
  return place.find("/sysdeps/") != std::string_view::npos || place.find("/csu/") != std::string_view::npos ||
         place.find("/libc.so.") != std::string_view::npos;
}

/// What stands between the user's code and the place where a stack was taken, or below the user's first function:
/// goro itself, the standard library and the unwinder.
bool is_internal(const frame& f) { return is_internal_source(f.place); }

}  // namespace

/// Told by where the code comes from, not by its name.
bool is_internal_source(std::string_view file) {
  if (file.substr(0, source_root().size()) == source_root()) return true;
  for (const std::string_view part :
       {"/goro/go.hpp", "/goro/chan.hpp", "/goro/select.hpp", "/goro/time.hpp", "/goro/sync/", "/goro/detail/",
        "/include/c++/", "/libstdc++.", "/libgcc_s.", "/libc++", "/libunwind.", "/libtsan.", "/libasan.", "/libubsan.",
        "/sanitizer_common/"})
    if (file.find(part) != std::string_view::npos) return true;
  return false;
}

[[gnu::noinline]] void capture_here(call_stack& into) noexcept { capture_into(&into); }

void capture_parked(const goroutine* g, call_stack& into) noexcept {
  into.size = 0;
  if (g->sp != nullptr) goro_call_below(g->sp, capture_into, &into);
}

std::string demangle(const char* name) {
  int status = 0;
  char* const text = abi::__cxa_demangle(name, nullptr, nullptr, &status);
  std::string result = status == 0 && text != nullptr ? text : name;
  std::free(text);
  if (const std::size_t clone = result.find(" [clone "); clone != std::string::npos) result.erase(clone);
  return result;
}

namespace {

/// Without a line table: the dynamic symbol table's name, and an address that addr2line understands.
frame lookup_dynamic(const void* pc) {
  frame f;
  Dl_info info{};
  char address[32];
  const auto where = reinterpret_cast<std::uintptr_t>(pc);
  if (::dladdr(pc, &info) == 0 || info.dli_fname == nullptr) {
    f.function = "?";
    std::snprintf(address, sizeof address, "0x%zx", static_cast<std::size_t>(where));
    f.place = address;
    return f;
  }
  f.function = info.dli_sname != nullptr ? demangle(info.dli_sname) : "?";
  std::snprintf(address, sizeof address, "+0x%zx",
                static_cast<std::size_t>(where - reinterpret_cast<std::uintptr_t>(info.dli_fbase)));
  f.place = std::string(info.dli_fname) + address;
  return f;
}

/// Looking an address up takes milliseconds, and dumps ask for the same ones again and again. The symboliser is not
/// thread-safe either. A process that dies while another thread is in here does without.
void append(const void* pc, std::vector<frame>& into) {
  static std::mutex one_at_a_time;
  static std::unordered_map<const void*, std::vector<frame>> known;
  std::unique_lock<std::mutex> hold(one_at_a_time, std::try_to_lock);
  for (int i = 0; i < 2000 && !hold.owns_lock(); ++i) {
    ::usleep(1000);
    hold.try_lock();
  }
  if (!hold.owns_lock()) {
    into.push_back(lookup_dynamic(pc));
    return;
  }
  const auto [it, is_new] = known.try_emplace(pc);
  if (is_new && !lookup(pc, it->second)) it->second.push_back(lookup_dynamic(pc));
  into.insert(into.end(), it->second.begin(), it->second.end());
}

}  // namespace

std::vector<frame> symbolize(const call_stack& stack) {
  std::vector<frame> all;
  for (std::size_t i = 0; i < stack.size; ++i) append(stack.pcs[i], all);
  std::size_t first = 0;
  for (std::size_t i = 0; i < all.size() && (is_internal(all[i]) || is_libc(all[i])); ++i)
    if (is_internal(all[i])) first = i + 1;
  std::size_t last = all.size();
  for (std::size_t i = first; i < last; ++i)
    if (all[i].function == "main") last = i + 1;
  while (last > first && (is_internal(all[last - 1]) || is_libc(all[last - 1]))) --last;
  if (first != last)
    return {all.begin() + static_cast<std::ptrdiff_t>(first), all.begin() + static_cast<std::ptrdiff_t>(last)};
  // The user's function ended in a call that replaced its frame: what it called is all there is to show.
  while (last > 1 && (starts_with(all[last - 1].function, "goro_entry") || is_libc(all[last - 1]))) --last;
  return {all.begin() + static_cast<std::ptrdiff_t>(last > 0 ? last - 1 : 0),
          all.begin() + static_cast<std::ptrdiff_t>(last)};
}

frame symbolize_call(const void* return_address) {
  std::vector<frame> frames;
  append(static_cast<const std::byte*>(return_address) - 1, frames);
  for (const frame& f : frames)
    if (!is_internal(f)) return f;
  return frames.front();
}

void print(output& out, const call_stack& stack) noexcept try {
  for (const frame& f : symbolize(stack)) out << f.function << "\n\t" << f.place << '\n';
} catch (...) {  // out of memory
  for (std::size_t i = 0; i < stack.size; ++i)
    (out << "?\n\t").hex(reinterpret_cast<std::uintptr_t>(stack.pcs[i])) << '\n';
}

void print_creator(output& out, const goroutine* g) noexcept try {
  if (g->creator_pc == nullptr) return;
  const frame f = symbolize_call(g->creator_pc);
  out << "created by " << f.function << " in goroutine " << g->creator_id << "\n\t" << f.place << '\n';
} catch (...) {
  (out << "created by ?\n\t").hex(reinterpret_cast<std::uintptr_t>(g->creator_pc)) << '\n';
}

}  // namespace goro::runtime
