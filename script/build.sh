# SPDX-License-Identifier: BSL-1.0
# Configures and builds one preset of the checkout in a directory of its own.

source "$root/script/packages.sh"

build_root="${GORO_BUILD_DIR:-$root/build}"
[[ $build_root == /* ]] || build_root="$PWD/$build_root"

# A compiler or flags of the user's own get a build of their own beside the default one.
find_build_directory() {
  if [[ ${CXX-} == */* && $CXX != /* ]]; then
    export CXX="$PWD/$CXX"
  fi
  build="$build_root/$preset"
  if [[ -n ${CXX-}${CXXFLAGS-}${LDFLAGS-} ]]; then
    local key
    key=$(printf '%s\n' "${CXX-}" "${CXXFLAGS-}" "${LDFLAGS-}" | sha256sum)
    build+="-${key:0:8}"
  fi
}

make_build_root() {
  mkdir -p -- "$build_root" 2>/dev/null && [[ -w $build_root ]] ||
    die "cannot write to $build_root; set GORO_BUILD_DIR to a directory that can be written"
}

cache_has() { grep -q -x -- "$1" "$build/CMakeCache.txt" 2>/dev/null; }

# configure WHAT...: with WHAT among TESTS, EXAMPLES and BENCHMARKS switched on; what was on before stays on.
configure() {
  local part
  local -a wanted=()
  if [[ -e $build/CMakeCache.txt ]] && ! cache_has "CMAKE_HOME_DIRECTORY:INTERNAL=$root"; then
    say "the checkout has moved; starting $build afresh"
    rm -rf -- "$build"
  fi
  for part in TESTS EXAMPLES BENCHMARKS; do
    if [[ " $* " == *" $part "* ]]; then
      cache_has "GORO_BUILD_$part:BOOL=ON" || wanted+=("-DGORO_BUILD_$part=ON")
    elif [[ ! -e $build/build.ninja ]]; then
      wanted+=("-DGORO_BUILD_$part=OFF")
    fi
  done
  if [[ " $* " == *" BENCHMARKS "* ]] && benchmark_library_is_new; then
    wanted+=(-DGORO_BUILD_BENCHMARKS=ON)
  fi
  [[ ${#wanted[@]} -eq 0 && -e $build/build.ninja ]] && return
  need_compiler -- libdw-dev pkg-config
  say "configuring ${build#"$root/"}"
  mkdir -p -- "$build"
  (cd -- "$root" && run_quietly_into "$build/configure.log" "configuring" \
    cmake --preset "$preset" -B "$build" "${wanted[@]}") || exit 1
}

# need_compiler [PACKAGE...]: with the arguments of need.
need_compiler() {
  if [[ -n ${CXX-} ]] && ! command -v "${CXX%% *}" >/dev/null && [[ ! -x $CXX ]]; then
    die "CXX is '$CXX', and there is no such command"
  fi
  need g++ cmake ninja-build "$@"
}

# Whether one that was not there when the benchmarks were configured has been installed since.
benchmark_library_is_new() {
  { cache_has 'benchmark_DIR:PATH=benchmark_DIR-NOTFOUND' && header_present benchmark/benchmark.h; } ||
    { cache_has 'TBB_DIR:PATH=TBB_DIR-NOTFOUND' && header_present tbb/tbb.h; } ||
    { cache_has 'boost_fiber_DIR:PATH=boost_fiber_DIR-NOTFOUND' && header_present boost/fiber/fiber.hpp; } ||
    { cache_has 'VALGRIND_INCLUDE_DIR:PATH=VALGRIND_INCLUDE_DIR-NOTFOUND' && header_present valgrind/callgrind.h; }
}

ninja_status() {
  if [[ -t 2 ]]; then
    NINJA_STATUS='goro: [%f/%t] ' ninja -C "$build" "$@" 1>&2
  else
    ninja -C "$build" --quiet "$@" 1>&2
  fi
}

# The library is up to date if nothing that goes into it has been touched since it was last built here. The change
# time is compared, which moves even when a file is replaced by an older one.
library_state() {
  find "$root/include" "$root/src" "$root/cmake" "$root/CMakeLists.txt" "$root/CMakePresets.json" \
    "$build/libgoro.a" "$build/goro-run.sh" -type f -printf '%p %i %s %C@\n' 2>/dev/null || true
}

library_is_fresh() {
  [[ -e $build/goro-library.state && "$(library_state)" == "$(<"$build/goro-library.state")" ]]
}

build_library() {
  library_is_fresh && return
  make_build_root
  with_lock "$build.lock" build_library_locked
}

build_library_locked() {
  local sources
  library_is_fresh && return
  configure
  need_compiler
  say "building the library ($preset)"
  sources=$(source_state)
  ninja_status goro || die "the library does not build"
  # Edited while it was being built: leave the state as it was, so that the next run looks again.
  [[ $sources == "$(source_state)" ]] || return 0
  library_state >"$build/goro-library.state.new"
  mv -- "$build/goro-library.state.new" "$build/goro-library.state"
}

source_state() { library_state | grep -v -F -- "$build/" || true; }

# Address-space layouts more random than ThreadSanitizer's shadow memory allows for make it give up at start.
find_sanitizer_launcher() {
  launcher=()
  local bits=/proc/sys/vm/mmap_rnd_bits
  if [[ $preset == tsan && -r $bits ]] && (($(<"$bits") > 28)) && setarch -R true 2>/dev/null; then
    launcher=(setarch -R)
  fi
}
