// SPDX-License-Identifier: BSL-1.0
#include "os/thread.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace goro::runtime {

bool start_thread(void* (*f)(void*), void* argument) noexcept {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, f, argument);
  pthread_attr_destroy(&attributes);
  return error == 0;
}

void name_this_thread(const char* name) noexcept { ::prctl(PR_SET_NAME, name); }
void set_timer_slack() noexcept { ::prctl(PR_SET_TIMERSLACK, 1UL); }
int this_thread_id() noexcept { return static_cast<int>(::syscall(SYS_gettid)); }

int thread_count() noexcept {
  char text[512];
  const int fd = ::open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  const ssize_t n = ::read(fd, text, sizeof text - 1);
  ::close(fd);
  if (n <= 0) return 0;
  text[n] = '\0';
  // The name is in parentheses and may contain anything; the count is the 18th field after it.
  const char* at = std::strrchr(text, ')');
  for (int field = 2; at != nullptr && field < 20; ++field) at = std::strchr(at + 1, ' ');
  return at != nullptr ? std::atoi(at) : 0;
}

int usable_cpus() noexcept {
  cpu_set_t set;
  if (::sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  if (errno != EINVAL) return 1;
  for (std::size_t cpus = 2 * CPU_SETSIZE; cpus <= (1U << 20); cpus *= 2) {  // more CPUs than the fixed set holds
    cpu_set_t* const large = CPU_ALLOC(cpus);
    if (large == nullptr) return 1;
    const std::size_t size = CPU_ALLOC_SIZE(cpus);
    const bool fits = ::sched_getaffinity(0, size, large) == 0;
    const int n = fits ? CPU_COUNT_S(size, large) : 0;
    CPU_FREE(large);
    if (fits) return n;
  }
  return 1;
}

}  // namespace goro::runtime
