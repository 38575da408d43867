# SPDX-License-Identifier: BSL-1.0
echo 'int main() { return undeclared_name; }' >broken.cpp
call "$goro" run broken.cpp
expect_status 1
expect_out ''
expect_err 'broken.cpp:1:'
expect_err 'undeclared_name'
[[ "$(tail -n 1 err)" == 'goro: run: broken.cpp does not compile' ]] || fail "the last line is another"

echo 'int missing(); int main() { return missing(); }' >unlinked.cpp
call "$goro" run unlinked.cpp
expect_status 1
expect_err 'missing()'
[[ "$(tail -n 1 err)" == 'goro: run: unlinked.cpp does not link' ]] || fail "the last line is another"

# A program that worked before does not run in place of the broken one.
echo 'int main() {}' >broken.cpp
call "$goro" run broken.cpp
expect_status 0
echo 'int main() { broken' >broken.cpp
call "$goro" run broken.cpp
expect_status 1
