#!/bin/sh
# SPDX-License-Identifier: BSL-1.0
# check.sh MODEL.pml holds|breaks [-DNAME]: verifies a model exhaustively in a directory of its own. `breaks` is for a
# protocol with a step left out: the search has to find an error, which shows that the model can.
set -eu
model=$1
expected=$2
shift 2
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
cp "$model" "$directory/model.pml"
cd "$directory"
spin -a "$@" model.pml
cc -w -O2 -DSAFETY -o pan pan.c
./pan -m100000 >result 2>&1 || true
grep -E 'errors:|assertion|invalid end|max search depth' result || true
if grep -q 'max search depth too small' result; then
  echo "the search was cut short"
  exit 1
fi
if grep -q 'errors: 0' result; then found=holds; else found=breaks; fi
echo "$(basename "$model") $*: $found, expected: $expected"
[ "$found" = "$expected" ]
