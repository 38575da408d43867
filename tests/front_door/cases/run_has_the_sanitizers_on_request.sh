# SPDX-License-Identifier: BSL-1.0
cat >freed.cpp <<'CPP'
#include <goro/goro.hpp>
int main() {
  int* p = new int(stub::answer());
  delete p;
  return *p;
}
CPP
call "$goro" run --asan freed.cpp
((status != 0)) || fail "AddressSanitizer saw nothing"
expect_err 'heap-use-after-free'

cat >race.cpp <<'CPP'
#include <goro/goro.hpp>
#include <thread>
int shared = stub::answer();
int main() {
  std::thread other([] { shared = 1; });
  shared = 2;
  other.join();
}
CPP
call "$goro" run --race race.cpp
((status != 0)) || fail "ThreadSanitizer saw nothing"
expect_err 'data race'

cat >optimized.cpp <<'CPP'
int main() {
#ifdef __OPTIMIZE__
  return 1;
#else
  return 0;
#endif
}
CPP
call "$goro" run optimized.cpp
expect_status 1
call "$goro" run --debug optimized.cpp
expect_status 0
