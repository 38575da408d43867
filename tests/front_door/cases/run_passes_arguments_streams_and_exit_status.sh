# SPDX-License-Identifier: BSL-1.0
cat >program.cpp <<'CPP'
#include <goro/goro.hpp>
#include <cstdio>
#include <iostream>
#include <string>
int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) std::printf("[%s]", argv[i]);
  std::string line;
  std::getline(std::cin, line);
  std::printf("(%s)\n", line.c_str());
  std::fprintf(stderr, "to stderr\n");
  return stub::answer();
}
CPP
echo 'from stdin' >in
call "$goro" run program.cpp one 'two  words' '' '*' --race -- last.cpp <in
expect_status 42
expect_out '[one][two  words][][*][--race][--][last.cpp](from stdin)'
[[ "$(<err)" == 'to stderr' ]] || fail "stderr has more than the program wrote"
