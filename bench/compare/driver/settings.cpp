// SPDX-License-Identifier: BSL-1.0
#include "settings.hpp"

#include <cstdlib>
#include <iostream>
#include <sstream>

#include "machine.hpp"
#include "report.hpp"

namespace {

std::vector<int> numbers(const std::string& list) {
  std::vector<int> result;
  std::istringstream words(list);
  for (std::string word; std::getline(words, word, ',');) {
    result.push_back(std::atoi(word.c_str()));
    if (result.back() < 1) usage("'" + list + "' is not a list of numbers");
  }
  if (result.empty()) usage("a list of numbers is missing");
  return result;
}

// 1 and 2, and on larger machines 4, 8 and so on.
std::vector<int> usual_procs() {
  std::vector<int> result{1, 2};
  while (result.back() * 2 <= cpu_count()) result.push_back(result.back() * 2);
  return result;
}

named_program named(const std::string& word) {
  const auto equals = word.find('=');
  if (equals == word.npos) usage("--program takes NAME=PATH, not '" + word + "'");
  return {.name = word.substr(0, equals), .path = word.substr(equals + 1)};
}

std::string quoted(const std::string& word) {
  constexpr auto plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
      "0123456789-_./,=:+@%";
  if (!word.empty() && word.find_first_not_of(plain) == word.npos) return word;
  std::string result = "'";
  for (const char c : word) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

}  // namespace

void usage(const std::string& why) {
  std::cerr << "compare: " << why
            << "\nusage: ./goro bench compare [--runs R] [--procs 1,2] [--cpu-time] [--out DIRECTORY] [--list] "
               "[FILTER]\n";
  std::exit(2);
}

settings parse(int argc, char** argv) {
  settings chosen;
  bool users = false;  // what follows is the user's, not the script's
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (!users && word == "--") {
      users = true;
      continue;
    }
    const int first = i;
    const bool has_value = i + 1 < argc;
    if (word == "--program" && has_value) {
      chosen.programs.push_back(named(argv[++i]));
    } else if (word == "--out" && has_value) {
      chosen.out = argv[++i];
    } else if (word == "--list") {
      chosen.list = true;
    } else if (word == "--cpu-time") {
      chosen.cpu_time = true;
    } else if (word == "--runs" && has_value) {
      chosen.runs = numbers(argv[++i]).at(0);
    } else if (word == "--procs" && has_value) {
      chosen.procs = numbers(argv[++i]);
    } else if (!word.starts_with("-") && chosen.filter.empty()) {
      chosen.filter = word;
    } else {
      usage("what is '" + word + "'?");
    }
    for (int used = first; users && used <= i; ++used) chosen.command += ' ' + quoted(argv[used]);
  }
  if (chosen.programs.empty() || chosen.programs[0].name != our_name) usage("the programs to compare are missing");
  if (chosen.procs.empty()) chosen.procs = chosen.cpu_time ? std::vector{1} : usual_procs();
  return chosen;
}
