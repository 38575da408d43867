// SPDX-License-Identifier: BSL-1.0
#include <goro/detail/type_name.hpp>

namespace goro::detail {

namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string readable_type(std::string_view pretty_function) {
  const std::size_t start = pretty_function.find("T = ");
  if (start == std::string_view::npos) return std::string(pretty_function);
  std::string_view name = pretty_function.substr(start + 4);
  int depth = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '<' || name[i] == '(' || name[i] == '[' || name[i] == '{') ++depth;
    if ((name[i] == ']' || name[i] == ';') && depth == 0) {
      name = name.substr(0, i);
      break;
    }
    if (name[i] == '>' || name[i] == ')' || name[i] == ']' || name[i] == '}') --depth;
  }
  std::string text(name);
  replace_all(text, "std::__cxx11::", "std::");
  replace_all(text, "std::__1::", "std::");
  replace_all(text, "std::basic_string<char, std::char_traits<char>, std::allocator<char>>", "std::string");
  replace_all(text, "std::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string");
  replace_all(text, "std::basic_string<char>", "std::string");
  return text;
}

}  // namespace goro::detail
