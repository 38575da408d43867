# SPDX-License-Identifier: BSL-1.0
# Messages and locks, shared by ./goro and .ci/run. Everything of ours goes to stderr: stdout is the program's.

say() { printf 'goro: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

usage_error() {
  say "$*"
  exit 2
}

# with_lock FILE COMMAND...: runs COMMAND while holding FILE, so that two ./goro at once do not write the same things.
with_lock() {
  local file=$1 fd
  shift
  exec {fd}>"$file"
  if ! flock --nonblock "$fd"; then
    say "waiting for another ./goro that is building"
    flock "$fd"
  fi
  "$@"
  exec {fd}>&-
}

run_quietly_into() {
  local log=$1 what=$2
  shift 2
  if ! "$@" >"$log" 2>&1; then
    cat -- "$log" >&2
    die "$what failed; the command was: $*"
  fi
}
