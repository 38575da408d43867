// SPDX-License-Identifier: BSL-1.0
#pragma once

namespace goro::runtime {

/// A detached thread with the signal mask that the process had when the runtime started. False: none could be made.
bool start_thread(void* (*f)(void*), void* argument) noexcept;
void name_this_thread(const char* name) noexcept;  // 15 bytes
void set_timer_slack() noexcept;                   // timed sleeps end when asked, not up to 50 µs later
[[nodiscard]] int this_thread_id() noexcept;
/// Threads of this process, as the kernel counts them.
[[nodiscard]] int thread_count() noexcept;
/// The CPUs that this process may run on.
[[nodiscard]] int usable_cpus() noexcept;
/// CPUs' worth of time that the process's control groups grant, rounded up; 0: no limit.
[[nodiscard]] int cgroup_cpu_limit() noexcept;

}  // namespace goro::runtime
