# SPDX-License-Identifier: BSL-1.0
# The stub's tests need nothing that the machine might lack.
copy_checkout
call copy/goro test
expect_status 0
grep -q '100% tests passed, 0 tests failed out of 2' out || fail "CTest's closing line is missing"

touch copy/fail
call copy/goro test
((status != 0)) || fail "a failing test went unnoticed"

call copy/goro test 'stub/passes'
expect_status 0
grep -q '0 tests failed out of 1' out || fail "the filter did not choose one test"

call copy/goro test 'no such test'
((status != 0)) || fail "a filter that matches nothing passed"

call copy/goro test one two
expect_status 2
