// SPDX-License-Identifier: BSL-1.0
#include "child.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "child_main.hpp"
#include "goro_test.hpp"

namespace {

using steady = std::chrono::steady_clock;

std::vector<std::pair<std::string, child_body>>& bodies() {
  static std::vector<std::pair<std::string, child_body>> all;
  return all;
}

void require(int error, const char* what) {
  if (error != 0) throw std::system_error(error, std::generic_category(), what);
}

struct pipe_ends {
  int read = -1;
  int write = -1;
  pipe_ends() {
    int ends[2];
    require(pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno, "pipe2");
    read = ends[0];
    write = ends[1];
  }
  pipe_ends(const pipe_ends&) = delete;
  pipe_ends& operator=(const pipe_ends&) = delete;
  ~pipe_ends() {
    close(read);
    close_write();
  }
  void close_write() {
    if (write >= 0) close(std::exchange(write, -1));
  }
};

std::vector<std::string> environment_with(const std::vector<std::pair<std::string, std::string>>& changes) {
  std::vector<std::string> result;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    bool changed = false;
    for (const auto& [name, value] : changes) changed = changed || text.starts_with(name + "=");
    if (!changed) result.emplace_back(text);
  }
  for (const auto& [name, value] : changes) result.push_back(name + "=" + value);
  return result;
}

std::vector<char*> pointers_to(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& s : strings) result.push_back(s.data());
  result.push_back(nullptr);
  return result;
}

pid_t spawn(const std::string& name, const std::vector<std::string>& args, const child_options& options, int out,
            int err) {
  std::vector<std::string> words = {"/proc/self/exe", child_flag + name};
  words.insert(words.end(), args.begin(), args.end());
  std::vector<std::string> environment = environment_with(options.env);

  posix_spawn_file_actions_t actions;
  require(posix_spawn_file_actions_init(&actions), "posix_spawn_file_actions_init");
  posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  pid_t pid = -1;
  const int error = posix_spawn(&pid, "/proc/self/exe", &actions, nullptr, pointers_to(words).data(),
                                pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  require(error, "posix_spawn");
  return pid;
}

/// Collects both streams until they end. The first deadline sends a SIGQUIT, so that a hang shows where; the second
/// a SIGKILL.
void collect(pid_t pid, int out, int err, std::chrono::seconds timeout, child_result& result) {
  auto deadline = steady::now() + timeout;
  std::array<pollfd, 2> open{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
  const std::array<std::string*, 2> texts{&result.out, &result.err};
  while (open[0].fd >= 0 || open[1].fd >= 0) {
    if (steady::now() > deadline) {
      kill(pid, result.timed_out ? SIGKILL : SIGQUIT);
      result.timed_out = true;
      deadline = steady::now() + std::chrono::seconds(10);
    }
    if (poll(open.data(), open.size(), 50) <= 0) continue;
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (open[i].fd < 0 || open[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t n = read(open[i].fd, buffer, sizeof buffer);
      if (n > 0) texts[i]->append(buffer, static_cast<std::size_t>(n));
      if (n == 0 || (n < 0 && errno != EINTR)) open[i].fd = -1;
    }
  }
}

}  // namespace

child_registration::child_registration(const char* name, child_body body) { bodies().emplace_back(name, body); }

int child_main(const std::string& name, const std::vector<std::string>& args) {
  for (const auto& [known, body] : bodies()) {
    if (known == name) return body(args);
  }
  throw std::invalid_argument("no GORO_CHILD(" + name + ") in this test program");
}

child_result run_child(const std::string& name, const std::vector<std::string>& args, const child_options& options) {
  child_result result;
  pipe_ends out;
  pipe_ends err;
  const pid_t pid = spawn(name, args, options, out.write, err.write);
  out.close_write();
  err.close_write();
  collect(pid, out.read, err.read, options.timeout * slowdown(), result);
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
  return result;
}
