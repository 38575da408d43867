# SPDX-License-Identifier: BSL-1.0
# ./goro bench: builds the benchmarks and runs them one after the other.

source "$root/script/build.sh"

guard_packages=(g++ cmake ninja-build valgrind jq)

run_benchmarks() {
  case ${1-} in
    compare)
      shift
      [[ -x $root/bench/compare/run ]] || die "bench compare: bench/compare/run is not in this checkout"
      exec "$root/bench/compare/run" "$@"
      ;;
    tail)
      shift
      exec "$root/bench/compare/tail" "$@"
      ;;
    guard)
      shift
      exec "$root/bench/guard/run" "$@"
      ;;
    scaling)
      shift
      run_scaling "$@"
      ;;
    compile-time)
      shift
      find_build_directory
      make_build_root
      with_lock "$build.lock" configure
      source "$build/goro-run.sh"
      source "$root/bench/compile_time"
      compile_time "$@"
      ;;
    -*) usage_error "bench: unknown flag $1" ;;
    *) run_micro_benchmarks "$@" ;;
  esac
}

run_micro_benchmarks() {
  local filter=${1-.} program found=0
  [[ $# -eq 0 ]] || shift
  need g++ cmake ninja-build libbenchmark-dev -- libdw-dev pkg-config
  find_build_directory
  make_build_root
  with_lock "$build.lock" build_benchmarks
  while IFS= read -r -d '' program; do
    [[ -n $("$program" --benchmark_list_tests --benchmark_filter="$filter" 2>/dev/null) ]] || continue
    found=1
    say "${program##*/}"
    "$program" --benchmark_filter="$filter" "$@" || die "${program##*/} ended with status $?"
  done < <(find "$build/bench" -type f -executable -name '*_bench' -print0 | sort -z)
  [[ $found == 1 ]] || die "bench: no benchmark matches '$filter'"
}

run_scaling() {
  find_build_directory
  make_build_root
  with_lock "$build.lock" build_benchmarks goro_scaling
  exec "$build/bench/goro_scaling" "$@"
}

# build_benchmarks [TARGET]
build_benchmarks() {
  configure BENCHMARKS
  say "building the library and the benchmarks ($preset)"
  ninja_status "${1-bench/all}" || die "the build failed"
}
