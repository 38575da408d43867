# SPDX-License-Identifier: BSL-1.0
# ./goro run: compiles a program into build/run/<key>/ and becomes it.

source "$root/script/build.sh"

run_program() {
  local -a sources=()
  take_sources "$@"
  shift "${#sources[@]}"

  find_build_directory
  build_library
  source "$build/goro-run.sh"

  local key home name
  key=$({ printf '%s\n' "$build" && absolute "${sources[@]}"; } | sha256sum)
  name=$(basename -- "${sources[0]}" .cpp)
  home="$build_root/run/${key:0:16}"
  program="$home/$name"
  program_is_fresh || build_program

  local -a launcher
  find_sanitizer_launcher
  exec "${launcher[@]}" "$program" "$@"
}

# The leading arguments that end in .cpp, checked; into `sources`.
take_sources() {
  [[ $# -gt 0 ]] || usage_error "run: which program? ./goro run FILE.cpp [ARGS...]"
  [[ $1 == *.cpp ]] || [[ -d $1 ]] || [[ ! -e $1 ]] || die "run: $1 is not a .cpp file"
  local file
  for file in "$@"; do
    [[ $file == *.cpp || ${#sources[@]} -eq 0 ]] || break
    if [[ -d $file ]]; then
      die "run: $file is a directory; name the .cpp file in it"
    elif [[ ! -e $file ]]; then
      [[ ${#sources[@]} -eq 0 ]] && die "run: no such file: $file"
      die "run: no such file: $file (arguments ending in .cpp that follow the program's file are more sources of it)"
    elif [[ ! -r $file ]]; then
      die "run: cannot read $file"
    fi
    sources+=("$file")
  done
}

absolute() {
  local path
  for path in "$@"; do
    [[ $path == /* ]] || path="$PWD/$path"
    printf '%s\n' "$path"
  done
}

# One line per file that went into the program, with inode, size and change time.
state_of() { stat --dereference --format '%n %i %s %.9Z' -- "$@" 2>/dev/null || true; }

program_is_fresh() {
  local -a files
  [[ -x $program && -e $home/files && -e $home/state ]] || return 1
  mapfile -t files <"$home/files"
  [[ "$(state_of "${files[@]}")" == "$(<"$home/state")" ]]
}

build_program() {
  mkdir -p -- "$home"
  with_lock "$home/lock" build_program_locked
}

build_program_locked() {
  program_is_fresh && return
  local file index=0
  local -a objects=()
  need_compiler
  [[ -t 2 ]] && say "compiling ${sources[*]} ($preset)"
  # Whatever changes from here on is newer than this file, and makes the result stale from the start.
  touch -- "$home/start"
  for file in "${sources[@]}"; do
    objects+=("$home/$index.o")
    "${compiler[@]}" "${compile_flags[@]}" -MMD -MF "$home/$index.d" -MT x -c "$file" -o "$home/$index.o" 1>&2 ||
      die "run: $file does not compile"
    index=$((index + 1))
  done
  "${compiler[@]}" "${compile_flags[@]}" "${objects[@]}" "${link_flags[@]}" -o "$program.new" 1>&2 ||
    die "run: ${sources[*]} does not link"
  rm -f -- "${objects[@]}"
  record_files
  mv -f -- "$program.new" "$program"
  mv -f -- "$home/files.new" "$home/files"
  mv -f -- "$home/state.new" "$home/state"
}

record_files() {
  {
    printf '%s\n' "$build/libgoro.a" "$build/goro-run.sh" "$(command -v -- "${compiler[0]}")"
    cat -- "$home"/*.d | dependency_paths | sort -u
  } >"$home/files.new"
  local -a files
  mapfile -t files <"$home/files.new"
  state_of "${files[@]}" >"$home/state.new"
  local file
  for file in "${files[@]}"; do
    if [[ ! $home/start -nt $file ]]; then
      echo "$file changed while it was compiled" >"$home/state.new"
      return
    fi
  done
}

# The prerequisites in make's syntax, one absolute path a line.
dependency_paths() {
  sed -e 's/^x: *//' -e 's/\\$//' -e 's/\\ /\x01/g' -e 's/\$\$/$/g' -e 's/\\#/#/g' |
    tr -s ' ' '\n' | tr '\001' ' ' |
    while IFS= read -r path; do
      [[ -z $path ]] || absolute "$path"
    done
}
