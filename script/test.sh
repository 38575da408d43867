# SPDX-License-Identifier: BSL-1.0
# ./goro test: builds the library, the examples and the tests, and hands over to CTest.

source "$root/script/build.sh"

test_packages=(g++ cmake ninja-build pkg-config libgtest-dev libgmock-dev)
[[ ! -d $root/tests/model ]] || test_packages+=(spin)

run_tests() {
  [[ $# -le 1 ]] || usage_error "test: one filter at most, a regular expression; got $#: $*"
  need "${test_packages[@]}" -- libdw-dev
  find_build_directory
  make_build_root
  with_lock "$build.lock" build_tests TESTS EXAMPLES
  local -a launcher filter=()
  find_sanitizer_launcher
  [[ $# -eq 0 ]] || filter=(-R "$1")
  say "running the tests ($preset)"
  exec "${launcher[@]}" ctest --test-dir "$build" --output-on-failure --no-tests=error -j "$(nproc)" "${filter[@]}"
}

build_tests() {
  configure "$@"
  say "building the library and its tests ($preset)"
  ninja_status all || die "the build failed"
}
