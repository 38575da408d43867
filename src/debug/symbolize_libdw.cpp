// SPDX-License-Identifier: BSL-1.0
// Function, file and line of an address, through elfutils' libdw if it was there at build time.
#include "debug/trace.hpp"

#if GORO_HAVE_LIBDW

#include <algorithm>
#include <cstdint>
#include <cstdlib>

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

/// The compilation unit that an address belongs to. Not every compiler writes the table of them (.debug_aranges); without
/// it each unit is asked.
Dwarf_Die* find_unit(Dwfl_Module* module, Dwarf_Addr address, Dwarf_Addr& bias) {
  if (Dwarf_Die* const unit = dwfl_module_addrdie(module, address, &bias)) return unit;
  Dwarf_Die* unit = nullptr;
  while ((unit = dwfl_module_nextcu(module, unit, &bias)) != nullptr)
    if (dwarf_haspc(unit, address - bias) == 1) return unit;
  return nullptr;
}

struct source_line {
  const char* file = nullptr;
  int line = 0;
};

source_line find_line(Dwarf_Die* unit, Dwarf_Addr pc) {
  source_line found;
  if (Dwarf_Line* const row = unit != nullptr ? dwarf_getsrc_die(unit, pc) : nullptr) {
    found.file = dwarf_linesrc(row, nullptr, nullptr);
    dwarf_lineno(row, &found.line);
  }
  return found;
}

std::string place(const char* file, int line) { return std::string(file) + ":" + std::to_string(line); }

/// The name with the scopes around it, for what has no linkage name: local lambdas, when inlined.
std::string scoped_name(Dwarf_Die* die) {
  Dwarf_Attribute attribute;
  Dwarf_Die declared = *die;
  for (const unsigned link : {DW_AT_abstract_origin, DW_AT_specification}) {
    Dwarf_Die origin;
    if (dwarf_attr(&declared, link, &attribute) != nullptr && dwarf_formref_die(&attribute, &origin) != nullptr)
      declared = origin;
  }
  const char* const own = dwarf_diename(&declared);
  std::string name = own != nullptr ? own : "?";
  Dwarf_Die* scopes = nullptr;
  const int depth = dwarf_getscopes_die(&declared, &scopes);
  for (int i = 1; i < depth; ++i) {
    const int tag = dwarf_tag(&scopes[i]);
    const bool is_class = tag == DW_TAG_class_type || tag == DW_TAG_structure_type;
    const char* outer =
        is_class || tag == DW_TAG_namespace || tag == DW_TAG_subprogram ? dwarf_diename(&scopes[i]) : nullptr;
    if (outer == nullptr && is_class) outer = "{lambda}";
    if (outer != nullptr) name = std::string(outer) + "::" + name;
  }
  std::free(scopes);
  return name;
}

std::string qualified_name(Dwarf_Die* die, const char* fallback) {
  Dwarf_Attribute attribute;
  if (Dwarf_Attribute* const linkage = dwarf_attr_integrate(die, DW_AT_linkage_name, &attribute))
    if (const char* const name = dwarf_formstring(linkage)) return demangle(name);
  return fallback != nullptr ? demangle(fallback) : scoped_name(die);
}

/// For a function of the user's at an address whose line belongs to something that was inlined without a trace: the
/// last line before it that is the function's own.
std::string own_line(Dwarf_Die* unit, Dwarf_Die* function, Dwarf_Addr pc, std::string where) {
  const char* const declared_in = dwarf_decl_file(function);
  if (declared_in == nullptr || is_internal_source(declared_in) || !is_internal_source(where)) return where;
  for (Dwarf_Addr at = pc; dwarf_haspc(function, at) == 1 && pc - at < 512; --at) {
    const source_line row = find_line(unit, at);
    if (row.file != nullptr && !is_internal_source(row.file)) return place(row.file, row.line);
  }
  int line = 0;
  dwarf_decl_line(function, &line);
  return place(declared_in, line);
}

/// Where an inlined function was called.
std::string call_place(Dwarf_Die* unit, Dwarf_Die* inlined, std::string otherwise) {
  Dwarf_Attribute attribute;
  Dwarf_Word file = 0;
  Dwarf_Word line = 0;
  Dwarf_Files* files = nullptr;
  std::size_t count = 0;
  if (dwarf_formudata(dwarf_attr(inlined, DW_AT_call_line, &attribute), &line) != 0 ||
      dwarf_formudata(dwarf_attr(inlined, DW_AT_call_file, &attribute), &file) != 0 ||
      dwarf_getsrcfiles(unit, &files, &count) != 0 || file >= count)
    return otherwise;
  const char* const name = dwarf_filesrc(files, file, nullptr, nullptr);
  return name != nullptr ? place(name, static_cast<int>(line)) : otherwise;
}

void find_inlined(Dwarf_Die* in, Dwarf_Addr pc, std::vector<Dwarf_Die>& calls) {
  Dwarf_Die child;
  if (dwarf_child(in, &child) != 0) return;
  do {
    const int tag = dwarf_tag(&child);
    if ((tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block) || dwarf_haspc(&child, pc) != 1) continue;
    if (tag == DW_TAG_inlined_subroutine) calls.push_back(child);
    find_inlined(&child, pc, calls);
    return;
  } while (dwarf_siblingof(&child, &child) == 0);
}

/// libdw's own search follows the addresses down the tree, and so misses a lambda's body, which stands inside a
/// function whose addresses do not contain it.
bool find_function(Dwarf_Die* in, Dwarf_Addr pc, std::vector<Dwarf_Die>& calls) {
  Dwarf_Die child;
  if (dwarf_child(in, &child) != 0) return false;
  do {
    switch (dwarf_tag(&child)) {
      case DW_TAG_subprogram:
        if (dwarf_haspc(&child, pc) == 1) {
          calls.push_back(child);
          find_inlined(&child, pc, calls);
          return true;
        }
        [[fallthrough]];
      case DW_TAG_namespace:
      case DW_TAG_class_type:
      case DW_TAG_structure_type:
      case DW_TAG_lexical_block:
        if (find_function(&child, pc, calls)) return true;
        break;
      default: break;
    }
  } while (dwarf_siblingof(&child, &child) == 0);
  return false;
}

}  // namespace

bool lookup(const void* pc, std::vector<frame>& into) {
  static Dwfl* const dwfl = open_self();
  if (dwfl == nullptr) return false;
  const auto address = reinterpret_cast<Dwarf_Addr>(pc);
  Dwfl_Module* const module = dwfl_addrmodule(dwfl, address);
  if (module == nullptr) return false;
  const char* const symbol = dwfl_module_addrname(module, address);
  Dwarf_Addr bias = 0;
  Dwarf_Die* const unit = find_unit(module, address, bias);
  const source_line source = find_line(unit, address - bias);
  if (source.file == nullptr) return false;
  std::string where = place(source.file, source.line);
  bool any = false;
  std::vector<Dwarf_Die> calls;  // the function, then what is inlined in it at this address, innermost last
  if (unit != nullptr && find_function(unit, address - bias, calls)) {
    for (std::size_t i = calls.size(); i-- > 0;) {
      Dwarf_Die* const call = &calls[i];
      const bool outermost = i == 0;
      if (outermost) where = own_line(unit, call, address - bias, std::move(where));
      into.push_back({qualified_name(call, outermost ? symbol : nullptr), where});
      any = true;
      if (!outermost) where = call_place(unit, call, std::move(where));
    }
  }
  if (!any) into.push_back({symbol != nullptr ? demangle(symbol) : "?", where});
  return true;
}

}  // namespace goro::runtime

#else

namespace goro::runtime {

bool lookup(const void*, std::vector<frame>&) { return false; }

}  // namespace goro::runtime

#endif
