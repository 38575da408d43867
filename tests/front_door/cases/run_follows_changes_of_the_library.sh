# SPDX-License-Identifier: BSL-1.0
copy_checkout
cat >program.cpp <<'CPP'
#include <goro/goro.hpp>
int main() { return stub::answer(); }
CPP
call copy/goro run program.cpp
expect_status 42
sed -i 's/42/43/' copy/src/base/answer.cpp
call copy/goro run program.cpp
expect_status 43

# A checkout that has been moved starts afresh instead of mixing two places.
mv copy moved
call moved/goro run program.cpp
expect_status 43

sed -i 's/43/oops/' moved/src/base/answer.cpp
call moved/goro run program.cpp
expect_status 1
expect_err 'answer.cpp'
expect_err 'the library does not build'
