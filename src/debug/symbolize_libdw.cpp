// SPDX-License-Identifier: BSL-1.0
// Function, file and line of an address, through elfutils' libdw if it was there at build time.
#include "debug/trace.hpp"

#if GORO_HAVE_LIBDW

#include <algorithm>
#include <cstdint>

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <unistd.h>

namespace goro::runtime {

namespace {

Dwfl* open_self() {
  static char* debuginfo_path = nullptr;
  static const Dwfl_Callbacks callbacks = {dwfl_linux_proc_find_elf, dwfl_standard_find_debuginfo, nullptr,
                                           &debuginfo_path};
  Dwfl* const dwfl = dwfl_begin(&callbacks);
  if (dwfl == nullptr) return nullptr;
  if (dwfl_linux_proc_report(dwfl, ::getpid()) != 0 || dwfl_report_end(dwfl, nullptr, nullptr) != 0) {
    dwfl_end(dwfl);
    return nullptr;
  }
  return dwfl;
}

std::string place(const char* file, int line) { return std::string(file) + ":" + std::to_string(line); }

std::string qualified_name(Dwarf_Die* die, const char* fallback) {
  Dwarf_Attribute attribute;
  Dwarf_Attribute* const linkage = dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute);
  if (linkage != nullptr)
    if (const char* const name = dwarf_formstring(linkage)) return demangle(name);
  if (fallback != nullptr) return demangle(fallback);
  const char* const name = dwarf_diename(die);
  return name != nullptr ? name : "?";
}

}  // namespace

bool lookup(const void* pc, std::vector<frame>& into) {
  static Dwfl* const dwfl = open_self();
  if (dwfl == nullptr) return false;
  const auto address = reinterpret_cast<Dwarf_Addr>(pc);
  Dwfl_Module* const module = dwfl_addrmodule(dwfl, address);
  if (module == nullptr) return false;
  const char* const symbol = dwfl_module_addrname(module, address);
  Dwfl_Line* const source = dwfl_module_getsrc(module, address);
  int line = 0;
  const char* file = source != nullptr ? dwfl_lineinfo(source, nullptr, &line, nullptr, nullptr, nullptr) : nullptr;
  if (file == nullptr) return false;

  Dwarf_Addr bias = 0;
  Dwarf_Die* const unit = dwfl_module_addrdie(module, address, &bias);
  Dwarf_Die* scopes = nullptr;
  const int found = unit != nullptr ? dwarf_getscopes(unit, address - bias, &scopes) : 0;
  Dwarf_Die* inlined = nullptr;
  const int depth = found > 0 ? dwarf_getscopes_die(&scopes[0], &inlined) : 0;
  std::string where = place(file, line);
  bool any = false;
  for (int i = 0; i < depth; ++i) {
    const int tag = dwarf_tag(&inlined[i]);
    if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_subprogram) continue;
    into.push_back({qualified_name(&inlined[i], tag == DW_TAG_subprogram ? symbol : nullptr), where});
    any = true;
    if (tag == DW_TAG_subprogram) break;
    Dwarf_Attribute attribute;
    Dwarf_Word call_file = 0;
    Dwarf_Word call_line = 0;
    dwarf_formudata(dwarf_attr(&inlined[i], DW_AT_call_line, &attribute), &call_line);
    Dwarf_Files* files = nullptr;
    std::size_t count = 0;
    if (dwarf_formudata(dwarf_attr(&inlined[i], DW_AT_call_file, &attribute), &call_file) == 0 &&
        dwarf_getsrcfiles(unit, &files, &count) == 0 && call_file < count)
      if (const char* const name = dwarf_filesrc(files, call_file, nullptr, nullptr))
        where = place(name, static_cast<int>(call_line));
  }
  std::free(inlined);
  std::free(scopes);
  if (!any) into.push_back({symbol != nullptr ? demangle(symbol) : "?", where});
  return true;
}

}  // namespace goro::runtime

#else

namespace goro::runtime {

bool lookup(const void*, std::vector<frame>&) { return false; }

}  // namespace goro::runtime

#endif
