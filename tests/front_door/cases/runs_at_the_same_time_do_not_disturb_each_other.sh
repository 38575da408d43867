# SPDX-License-Identifier: BSL-1.0
copy_checkout
cat >program.cpp <<'CPP'
#include <goro/goro.hpp>
int main(int argc, char** argv) { return stub::answer() + argv[argc - 1][0] - '0'; }
CPP
pids=()
for i in 1 2 3 4 5 6; do
  copy/goro run program.cpp "$i" >"out.$i" 2>"err.$i" &
  pids+=($!)
done
for i in 1 2 3 4 5 6; do
  status=0
  wait "${pids[i - 1]}" || status=$?
  cp "err.$i" err
  expect_status $((42 + i))
done
