// SPDX-License-Identifier: BSL-1.0
#include "process.hpp"

#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <iostream>
#include <sstream>

namespace {

using clock_type = std::chrono::steady_clock;

// Reads until end of file; false if that does not come in time.
bool read_all(int fd, std::string& text, clock_type::time_point deadline) {
  char buffer[4096];
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_type::now());
    pollfd waiting{.fd = fd, .events = POLLIN, .revents = 0};
    if (left.count() <= 0 || poll(&waiting, 1, static_cast<int>(left.count())) <= 0) return false;
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n <= 0) return true;
    text.append(buffer, static_cast<std::size_t>(n));
  }
}

}  // namespace

std::optional<std::string> output_of(const std::vector<std::string>& command) {
  int out[2];
  if (pipe(out) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, out[0]);
  posix_spawn_file_actions_addclose(&actions, out[1]);

  std::vector<char*> argv;
  for (const std::string& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  pid_t child = 0;
  const int error = posix_spawnp(&child, argv[0], &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(out[1]);
  if (error != 0) {
    close(out[0]);
    return std::nullopt;
  }

  std::string text;
  const bool ended = read_all(out[0], text, clock_type::now() + std::chrono::minutes(2));
  close(out[0]);
  if (!ended) kill(child, SIGKILL);
  int status = 0;
  waitpid(child, &status, 0);
  if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0) return text;

  std::cerr << "compare:";
  for (const std::string& word : command) std::cerr << ' ' << word;
  if (!ended) {
    std::cerr << ": not done after two minutes\n";
  } else if (WIFSIGNALED(status)) {
    std::cerr << ": ended by signal " << WTERMSIG(status) << '\n';
  } else {
    std::cerr << ": exit status " << WEXITSTATUS(status) << '\n';
  }
  return std::nullopt;
}

std::optional<measurement> measure(const std::string& program, const std::string& row, int procs, int n,
                                   const std::string& clock) {
  const auto text =
      output_of({program, row, "--procs", std::to_string(procs), "--n", std::to_string(n), "--clock", clock});
  if (!text) return std::nullopt;
  std::istringstream line(*text);
  std::string name;
  int ran_with = 0;
  measurement result;
  if (!(line >> name >> ran_with >> result.value >> result.unit) || name != row || ran_with != procs)
    return std::nullopt;
  return result;
}
