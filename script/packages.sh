# SPDX-License-Identifier: BSL-1.0
# Installs what a command needs and the machine lacks, with apt-get.

package_reason() {
  case $1 in
    g++) echo "compiles the library and your program" ;;
    cmake) echo "configures the build" ;;
    ninja-build) echo "runs the build" ;;
    libdw-dev) echo "function names, files and lines in stack traces" ;;
    pkg-config) echo "finds libdw; a test uses the installed library through it" ;;
    libgtest-dev | libgmock-dev) echo "GoogleTest, which the tests are written with" ;;
    spin) echo "checks the models of the runtime's protocols" ;;
    libbenchmark-dev) echo "Google Benchmark, which the benchmarks are written with" ;;
    valgrind) echo "counts the instructions of the hot paths" ;;
    jq) echo "reads and writes the record of instruction counts" ;;
    googletest) echo "GoogleTest's sources, to build it for aarch64" ;;
    g++-aarch64-linux-gnu) echo "cross-compiles for aarch64" ;;
    qemu-user) echo "runs the aarch64 tests" ;;
    clang-16 | libclang-rt-16-dev) echo "the second compiler that the library supports" ;;
    clang-format-16) echo "checks the formatting" ;;
    *) echo "needed by this command" ;;
  esac
}

package_present() {
  case $1 in
    g++) [[ -n ${CXX-} ]] || command -v g++ >/dev/null || command -v c++ >/dev/null ;;
    cmake) command -v cmake >/dev/null ;;
    ninja-build) command -v ninja >/dev/null ;;
    pkg-config) command -v pkg-config >/dev/null ;;
    spin) command -v spin >/dev/null ;;
    jq) command -v jq >/dev/null ;;
    valgrind) command -v valgrind >/dev/null && header_present valgrind/callgrind.h ;;
    g++-aarch64-linux-gnu) command -v aarch64-linux-gnu-g++ >/dev/null ;;
    qemu-user) command -v qemu-aarch64 >/dev/null ;;
    clang-16) command -v clang++-16 >/dev/null ;;
    clang-format-16) command -v clang-format-16 >/dev/null ;;
    libdw-dev) header_present elfutils/libdwfl.h ;;
    libgtest-dev) header_present gtest/gtest.h ;;
    libgmock-dev) header_present gmock/gmock.h ;;
    libbenchmark-dev) header_present benchmark/benchmark.h ;;
    googletest) [[ -e /usr/src/googletest/CMakeLists.txt ]] ;;
    *) dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed ;;
  esac
}

header_present() {
  local directory
  local -a prefixes
  IFS=:\; read -r -a prefixes <<<"${CMAKE_PREFIX_PATH-}"
  for directory in /usr /usr/local "${prefixes[@]}"; do
    [[ -e $directory/include/$1 ]] && return 0
  done
  return 1
}

list_packages() {
  local package
  for package in "$@"; do
    printf '  %-22s %s\n' "$package" "$(package_reason "$package")" >&2
  done
}

# Sets privilege to the words that apt-get goes behind, or says in refusal why it cannot be run.
find_privilege() {
  privilege=() refusal=
  if [[ ${GORO_NO_INSTALL-} == 1 ]]; then
    refusal="GORO_NO_INSTALL=1 forbids it"
  elif ! command -v apt-get >/dev/null; then
    refusal="there is no apt-get on this machine"
  elif [[ $(id -u) != 0 ]]; then
    if ! command -v sudo >/dev/null; then
      refusal="this user is not root, and there is no sudo"
    elif ! sudo -n true 2>/dev/null && ! [[ -t 0 && -t 2 ]]; then
      refusal="this user is not root, and sudo asks for a password but there is no terminal to ask on"
    else
      privilege=(sudo)
    fi
  fi
  [[ -z $refusal ]]
}

apt_install() {
  local -a apt=("${privilege[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600)
  # Lists can be absent (a fresh container) or stale; a source that fails need not be the one we use.
  "${apt[@]}" update >&2 || say "apt-get update failed; trying with the lists that are there"
  "${apt[@]}" install --yes --no-install-recommends -o Dpkg::Use-Pty=0 "$@" >&2 </dev/null
}

# need PACKAGE... [-- PACKAGE...]: returns with the first ones there, or ends the script saying which are not and why.
# Those after the -- are installed too if that is possible, and done without if it is not.
need() {
  local -a required=() optional=() privilege
  local package list=required refusal
  for package in "$@"; do
    if [[ $package == -- ]]; then
      list=optional
    elif ! package_present "$package"; then
      if [[ $list == required ]]; then required+=("$package"); else optional+=("$package"); fi
    fi
  done
  [[ ${#required[@]} -gt 0 || ${#optional[@]} -gt 0 ]] || return 0

  if ! find_privilege; then
    if [[ ${#required[@]} -gt 0 ]]; then
      say "these Debian packages are missing, and cannot be installed: $refusal"
      list_packages "${required[@]}" "${optional[@]}"
      die "install them first: apt-get install ${required[*]} ${optional[*]}"
    fi
    say "going on without these Debian packages, which cannot be installed: $refusal"
    list_packages "${optional[@]}"
    return 0
  fi

  say "installing with ${privilege[*]}${privilege:+ }apt-get:"
  list_packages "${required[@]}" "${optional[@]}"
  apt_install "${required[@]}" "${optional[@]}" || say "apt-get failed"
  for package in "${required[@]}"; do
    package_present "$package" || die "$package is still missing"
  done
}
