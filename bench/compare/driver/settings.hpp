// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <vector>

struct named_program {
  std::string name;
  std::string path;
};

struct settings {
  std::vector<named_program> programs;  // ours is the first
  std::string out = "-";                // a directory, or - for none
  int runs = 5;
  std::vector<int> procs;
  bool cpu_time = false;
  bool list = false;
  std::string filter;
  std::string command = "./goro bench compare";  // what the user typed
};

// Ends the process with 2 if the arguments are wrong.
settings parse(int argc, char** argv);

[[noreturn]] void usage(const std::string& why);
