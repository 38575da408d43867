// SPDX-License-Identifier: BSL-1.0
// Runs an example and compares what it prints with its golden file.
//
//   check_output --golden FILE [--attempts N] PROGRAM [ARG...]     exit status 0 and this output
//   check_output --fails WITH PROGRAM [ARG...]                     exit status 2, standard error starts so
//
// A golden file is what the program prints, byte for byte; or, if its first line is "-- in any order" or
// "-- in order", it is made of blocks that each begin with such a line. The lines of a block are then regular
// expressions, each for one line of output.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

extern char** environ;

namespace {

struct expectation {
  int status = 0;
  std::string err_starts_with;
  std::string out;
};

struct outcome {
  int status = 0;
  std::string out, err;
};

std::string contents(std::FILE* file) {
  std::string text;
  std::rewind(file);
  char buffer[4096];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, n);
  std::fclose(file);
  return text;
}

outcome run(char** argv) {
  std::FILE* const out = std::tmpfile();
  std::FILE* const err = std::tmpfile();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(out), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, fileno(err), STDERR_FILENO);
  pid_t child = 0;
  if (posix_spawn(&child, argv[0], &actions, nullptr, argv, environ) != 0) {
    std::cerr << "cannot start " << argv[0] << '\n';
    std::exit(1);
  }
  posix_spawn_file_actions_destroy(&actions);

  constexpr int limit_in_centiseconds = 100 * 100;
  int status = 0;
  for (int elapsed = 0; waitpid(child, &status, WNOHANG) == 0; ++elapsed) {
    if (elapsed == limit_in_centiseconds) kill(child, SIGQUIT);  // a goroutine dump says where it hangs
    if (elapsed == limit_in_centiseconds + 1000) kill(child, SIGKILL);
    usleep(10'000);
  }
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), contents(out), contents(err)};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

using line_iterator = std::vector<std::string>::iterator;

/// Moves the first line that matches to the front and steps over it.
bool take(line_iterator& next, line_iterator end, const std::string& pattern) {
  const std::regex expected(pattern);
  const auto matches = [&](const std::string& text) { return std::regex_match(text, expected); };
  const auto line = std::find_if(next, end, matches);
  if (line == end) return false;
  std::rotate(next, line, line + 1);
  ++next;
  return true;
}

/// What differs, or nothing.
std::string compare_lines(const std::string& golden, const std::string& out) {
  std::vector<std::string> printed = lines_of(out);
  const std::vector<std::string> expected = lines_of(golden);
  line_iterator next = printed.begin();
  const auto starts_block = [](const std::string& text) { return text.starts_with("-- in "); };
  for (auto line = expected.begin(); line != expected.end();) {
    const bool any_order = *line++ == "-- in any order";
    const auto end = std::find_if(line, expected.end(), starts_block);
    if (printed.end() - next < end - line) return "lines are missing";
    const line_iterator stop = next + (end - line);
    for (; line != end; ++line) {
      if (!take(next, any_order ? stop : next + 1, *line)) return "no line like: " + *line;
    }
  }
  return next == printed.end() ? "" : "unexpected line: " + *next;
}

std::string compare(const expectation& expected, const outcome& got) {
  if (got.status != expected.status) {
    return "exit status " + std::to_string(got.status) + ", expected " + std::to_string(expected.status);
  }
  if (!got.err.starts_with(expected.err_starts_with)) {
    return "standard error does not start with: " + expected.err_starts_with;
  }
  if (expected.status != 0) return "";
  if (!got.err.empty()) return "standard error is not empty";
  if (expected.out.starts_with("-- in ")) return compare_lines(expected.out, got.out);
  return got.out == expected.out ? "" : "the output differs; expected\n" + expected.out;
}

}  // namespace

int main(int, char** argv) {
  expectation expected;
  int attempts = 1;
  for (++argv; argv[0] != nullptr && argv[1] != nullptr; argv += 2) {
    const std::string_view option = argv[0];
    if (option == "--golden") {
      std::ifstream file(argv[1]);
      if (!file) std::cerr << "cannot read " << argv[1] << '\n';
      expected.out.assign(std::istreambuf_iterator<char>(file), {});
    } else if (option == "--fails") {
      expected.status = 2;
      expected.err_starts_with = argv[1];
    } else if (option == "--attempts") {
      attempts = std::atoi(argv[1]);
    } else {
      break;
    }
  }
  if (argv[0] == nullptr) {
    std::cerr << "usage: check_output --golden FILE | --fails WITH [--attempts N] PROGRAM [ARG...]\n";
    return 1;
  }
  while (attempts-- > 0) {
    const outcome got = run(argv);
    const std::string difference = compare(expected, got);
    if (difference.empty()) return 0;
    std::cerr << difference << "\n--- standard output\n" << got.out << "--- standard error\n" << got.err;
  }
  return 1;
}
