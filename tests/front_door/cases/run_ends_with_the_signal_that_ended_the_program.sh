# SPDX-License-Identifier: BSL-1.0
cat >killed.cpp <<'CPP'
#include <csignal>
int main() { raise(SIGTERM); }
CPP
call "$goro" run killed.cpp
expect_status $((128 + 15))

# The program has taken the script's place: a signal sent to the script's process reaches it.
cat >waits.cpp <<'CPP'
#include <csignal>
#include <cstdio>
#include <unistd.h>
int main() {
  signal(SIGUSR1, [](int) { _exit(7); });
  std::puts("ready");
  std::fflush(stdout);
  for (;;) pause();
}
CPP
mkfifo ready
"$goro" run waits.cpp >ready 2>err &
pid=$!
read -r line <ready
[[ $line == ready ]] || fail "the program did not start"
kill -USR1 "$pid"
status=0
wait "$pid" || status=$?
expect_status 7
