# SPDX-License-Identifier: BSL-1.0
# A PATH with everything except cmake and ninja.
mkdir bin
ln -s -t bin /usr/bin/*
ln -sf -t bin /bin/*
rm -f bin/cmake* bin/ninja* bin/ctest
echo 'int main() {}' >program.cpp
GORO_BUILD_DIR="$here/fresh" PATH="$here/bin" call "$goro" run program.cpp
expect_status 1
expect_err 'cannot be installed: GORO_NO_INSTALL=1 forbids it'
expect_err 'cmake                  configures the build'
expect_err 'apt-get install cmake ninja-build'
[[ ! -e fresh/release/CMakeCache.txt ]] || fail "the build was started all the same"
