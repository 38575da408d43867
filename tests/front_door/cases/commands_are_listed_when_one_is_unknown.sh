# SPDX-License-Identifier: BSL-1.0
call "$goro" frobnicate
expect_status 2
expect_out ''
for command in frobnicate run test bench help; do expect_err "$command"; done

call "$goro"
expect_status 2
expect_err './goro run'

call "$goro" help
expect_status 0
expect_quiet
grep -q './goro run' out || fail "help does not show run"
