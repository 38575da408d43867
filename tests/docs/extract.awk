# SPDX-License-Identifier: BSL-1.0
# Writes every ```cpp block of a Markdown file to <out>/<name>_<line>.cpp, and an ```output block that follows one
# before any other block to <out>/<name>_<line>.expected, its first line being the fence's other words.
#
#   awk -v out=DIRECTORY -v name=NAME -v path=PATH -f extract.awk FILE
#
# A block that includes something, or has a main, is a file of its own. Any other is statements, and becomes the body
# of a function in a file that includes goro.hpp.

function begin_cpp() {
  base = out "/" name "_" NR ".cpp"
  expected = out "/" name "_" NR ".expected"
  first = NR + 1
  text = ""
  whole = 0
}

function end_cpp() {
  if (!whole) {
    text = "#include <goro/goro.hpp>\n\n#include <chrono>\n#include <cstdio>\n#include <iostream>\n#include <memory>\n#include <mutex>\n" \
      "#include <optional>\n#include <shared_mutex>\n#include <stop_token>\n#include <string>\n#include <vector>\n\nusing namespace std::chrono_literals;\n\n" \
      "[[maybe_unused]] static void snippet() {\n#line " first " \"" path "\"\n" text "}\n"
  } else {
    text = "#line " first " \"" path "\"\n" text
  }
  printf "%s", text > base
  close(base)
}

/^[ ]*```/ && state == "" {
  sub(/^[ ]*```[ ]*/, "")
  if ($1 == "cpp") {
    state = "cpp"
    begin_cpp()
  } else if ($1 == "output" && base != "") {
    state = "output"
    sub(/^output[ ]*/, "")
    print > expected
  } else {
    state = "other"
    base = ""
  }
  next
}

/^[ ]*```/ {
  if (state == "cpp") end_cpp()
  if (state == "output") {
    close(expected)
    base = ""
  }
  state = ""
  next
}

state == "cpp" {
  if (/^#include/ || /^int main\(/) whole = 1
  text = text $0 "\n"
}

state == "output" { print > expected }

END {
  if (state != "") {
    print path ": a fence is never closed" > "/dev/stderr"
    exit 1
  }
}
