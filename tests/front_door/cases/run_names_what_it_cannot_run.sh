# SPDX-License-Identifier: BSL-1.0
mkdir directory.cpp
echo text >notes.txt
check() {
  local wanted=$1 words=$2
  shift 2
  call "$goro" "$@"
  expect_status "$wanted"
  expect_out ''
  expect_err "$words"
  [[ $(wc -l <err) == 1 ]] || fail "more than one line for: $*"
}
check 1 'no such file: absent.cpp' run absent.cpp
check 1 'no such file: absent' run absent
check 1 'directory.cpp is a directory' run directory.cpp
check 1 '. is a directory' run .
check 1 'notes.txt is not a .cpp file' run notes.txt
check 2 'which program?' run
check 2 'which program?' run --debug
check 2 'unknown flag --fast' run --fast notes.txt
echo 'int main() {}' >good.cpp
check 1 'no such file: more.cpp' run good.cpp more.cpp
