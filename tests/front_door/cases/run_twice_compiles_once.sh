# SPDX-License-Identifier: BSL-1.0
use_counting_compiler
cat >program.cpp <<'CPP'
#include <goro/goro.hpp>
#include "local header.hpp"
int main() { return VALUE; }
CPP
echo '#define VALUE 3' >'local header.hpp'
call "$goro" run program.cpp
expect_status 3
first=$(calls)
((first > 0)) || fail "the compiler in CXX was not used"

call "$goro" run program.cpp
expect_status 3
expect_quiet
(($(calls) == first)) || fail "an unchanged program was compiled again"

echo '#define VALUE 4' >'local header.hpp'
call "$goro" run program.cpp
expect_status 4
second=$(calls)
((second > first)) || fail "a changed header did not lead to a new program"

# An older file moved into place is a change too.
echo '#define VALUE 5' >older.hpp
touch -d '2001-01-01' older.hpp
mv older.hpp 'local header.hpp'
call "$goro" run program.cpp
expect_status 5

rm 'local header.hpp'
call "$goro" run program.cpp
expect_status 1
expect_err 'local header.hpp'
