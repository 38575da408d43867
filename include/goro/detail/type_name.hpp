// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>

namespace goro {

/// The name of T as a Go engineer would read it: "chan int", "chan<- int", "<-chan std::string"; other types as
/// the compiler spells them.
template <class T>
std::string type_name();

namespace detail {

std::string readable_type(std::string_view pretty_function);  // cuts T out of __PRETTY_FUNCTION__

template <class T>
struct type_name_of {
  static std::string get() { return readable_type(__PRETTY_FUNCTION__); }
};

}  // namespace detail

template <class T>
std::string type_name() {
  return detail::type_name_of<T>::get();
}

}  // namespace goro
