// SPDX-License-Identifier: BSL-1.0
// S1: type names at run time: of a variable, as Go writes them, and of what a variant or a std::any holds.
#include <any>
#include <iostream>
#include <map>
#include <string>
#include <typeindex>
#include <variant>
#include <vector>

#include <goro/goro.hpp>

template <class T>
std::string type_of(const T&) {
  return goro::type_name<T>();
}

struct point {
  int x, y;
};

template <class... Ts>
std::map<std::type_index, std::string> names_of() {
  return {{typeid(Ts), goro::type_name<Ts>()}...};
}

int main() {
  return goro::run([] {
    std::cout << type_of(42) << ", " << type_of(3.14) << ", " << type_of(true) << ", " << type_of(std::string("go"))
              << ", " << type_of(point{1, 2}) << '\n';

    const auto ch = goro::make_chan<int>();
    std::cout << type_of(ch) << ", " << type_of(goro::send_chan<int>(ch)) << ", " << type_of(goro::recv_chan<int>(ch))
              << '\n';
    std::cout << type_of(goro::make_chan<goro::send_chan<point>>()) << ", "
              << type_of(goro::make_chan<goro::recv_chan<std::string>>()) << ", " << type_of(goro::make_chan<void>())
              << '\n';

    using value = std::variant<int, std::string, goro::chan<int>>;  // a closed set: the compiler knows them all
    for (const value& v : std::vector<value>{1, "one", ch})
      std::cout << std::visit([](const auto& x) { return type_of(x); }, v) << '\n';

    const auto names = names_of<int, point, goro::chan<int>>();  // an open one: those that somebody has entered
    for (const std::any& a : std::vector<std::any>{1, point{1, 2}, ch, 'x'}) {
      const auto name = names.find(a.type());
      std::cout << "any of " << (name == names.end() ? "something else" : name->second) << '\n';
    }
  });
}
