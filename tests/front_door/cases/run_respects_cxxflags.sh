# SPDX-License-Identifier: BSL-1.0
echo 'int main() { return VALUE; }' >program.cpp
CXXFLAGS='-DVALUE=6' call "$goro" run program.cpp
expect_status 6
CXXFLAGS='-DVALUE=7' call "$goro" run program.cpp
expect_status 7
CXX=no-such-compiler call "$goro" run program.cpp
expect_status 1
expect_err "CXX is 'no-such-compiler'"
