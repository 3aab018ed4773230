#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# The tree itself: include arrows, documentation that keeps up, no stray machine paths.
load ../lib

setup() { cd "$MS_ROOT" || exit 1; }

# Templates become the user's own.
sources() { find bin lib vendor -path lib/templates -prune -o -type f -name '*.[chS]' -print; }

@test "includes follow the arrows of the rooms" {
  sources | xargs grep -nE '^[[:space:]]*#[[:space:]]*include' >"$BATS_TEST_TMPDIR/includes"
  run awk -f tests/tree/arrows.awk "$BATS_TEST_TMPDIR/includes"
  echo "$output"
  [ -z "$output" ]
}

@test "the arrow check notices a wrong include" {
  run awk -f tests/tree/arrows.awk <<<'lib/host/plan/x.c:3:#include "layout/kernel.h"'
  [[ $output == *"host/plan may not include host/layout"* ]]
  run awk -f tests/tree/arrows.awk <<<'lib/both/x.c:3:#include "base/mem.h"'
  [[ $output == *"both may not include host/base"* ]]
}

@test "every source file says what it is for at its top" {
  while read -r f; do
    head -8 "$f" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' || { echo "$f: no licence line"; exit 1; }
    head -8 "$f" | grep -qE "^ ?(\*|/\*|#|//|;) ?.*${f##*/} - |^.*${f##*/} - " || { echo "$f: no first comment '${f##*/} - ...'"; exit 1; }
  done < <(sources)
}

@test "a file has at most 800 lines and a function 80, or the file says why at its top" {
  local f
  while read -r f; do
    head -20 "$f" | grep -qE '^ \* (Long on purpose|A table): ' && continue
    awk -v file="$f" '
      /^[a-zA-Z_].*\(/ { head = $0 }
      /^\{/ { from = FNR }
      /^\}/ { if (from && FNR - from > 80) { print file ": " FNR - from " lines: " head; bad = 1 }; from = 0 }
      END { if (FNR > 800) { print file ": " FNR " lines"; bad = 1 }; exit bad }' "$f" || exit 1
  done < <({ sources; find tests examples -name '*.[chS]'; } | grep -v '/cases/')
}

@test "every program has a man page with all sections, and its options are those of --help" {
  for c in bin/ms-*.c; do
    p=$(basename "$c" .c)
    page=man/$p.1
    [ -e "$page" ] || { echo "$page is missing"; exit 1; }
    for s in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' EXAMPLES 'SEE ALSO'; do
      grep -qE "^\.Sh \"?$s\"?$" "$page" || { echo "$page: no section $s"; exit 1; }
    done
    # "-x --name", or "--name" alone
    "$p" --help | sed -nE 's/^ +(-([A-Za-z]), )?--([a-z][a-z-]+).*/\2 --\3/p' | sort -u >"$BATS_TEST_TMPDIR/help"
    sed -nE 's/^\.It (Fl ([A-Za-z])( Ar [A-Z]+)? , )?Fl -([a-z][a-z-]*).*/\2 --\4/p' "$page" | sort -u >"$BATS_TEST_TMPDIR/page"
    diff "$BATS_TEST_TMPDIR/help" "$BATS_TEST_TMPDIR/page" || { echo "$page: options differ from $p --help"; exit 1; }
  done
}

@test "moonshot(7) names every program and page, and every stage wherever it shows the line" {
  local page stage bad=0
  for page in man/*.[157]; do
    [ "$page" = man/moonshot.7 ] && continue
    page=$(basename "$page")
    sed -n '/^\.Sh SEE ALSO/,$p' man/moonshot.7 | grep -qE "^\.Xr ${page%.*} ${page##*.}( ,)?\$" || { echo "see also: $page"; bad=1; }
  done
  for stage in parse plan hash compile layout cpio link; do
    [ "$(grep -cE "^  ms-$stage  |^\.It ms-$stage Ta " man/moonshot.7)" = 2 ] || { echo "the line, the table: ms-$stage"; bad=1; }
    sed -n '/^The whole line, by hand/,/^\.Ed/p' man/moonshot.7 | grep -qE "(^|[ |])ms-$stage( |\$)" || { echo "by hand: ms-$stage"; bad=1; }
  done
  return "$bad"
}

@test "quotes in man pages end where they should" {
  # .Dq takes the rest of its line: a second one on it, or words behind it, would be inside the first.
  run ! grep -nE '(^\.| )(Dq|Sq|Qq) [^ ]+ .*(Dq|Sq|Qq|No) ' man/*
}

@test "man pages are clean for mandoc" {
  run mandoc -Tlint -Wwarning man/*.[157]
  echo "$output"
  [ "$status" -eq 0 ]
}

@test "no banned C function, no shell started by a program" {
  run grep -nE '\<(strcat|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|alloca|system|popen)\(' $(find bin lib vendor -name '*.c')
  echo "$output"
  [ "$status" -eq 1 ]
}

@test "what a stage asks the machine is noted: variables through ms_env, files through base" {
  # What cannot change a result: base/notes.h says which. Neither ms-build nor trust is a stage; inherit.c
  # takes up descriptors, whoever they are from.
  run grep -nE '\<getenv\(' $(find bin lib/host -name '*.c' ! -path '*/drive/*' ! -path '*/trust/*' ! -name 'ms-build.c' ! -name 'notes.c' ! -name 'inherit.c')
  echo "$output"
  run ! grep -vE '"(TMPDIR|MAKEFLAGS|MS_HERMETIC|MS_EVENTS)"' <<<"$output"
  run grep -nE '\<(fopen|open|openat|opendir|scandir|glob|nftw|readlink)\(' \
    $(find bin lib/host/spec lib/host/plan lib/host/layout lib/host/image lib/host/stage -name '*.c')
  echo "$output"
  # An archive is read and written piece by piece, a toolchain in a thread; both note what they saw.
  # What hermetic.c looks at decides what a step may see, never what comes out; kernel_sdk.c lists a
  # folder to say what is in it, and ends.
  run ! grep -vE '^(lib/host/stage/cpio|lib/host/image/archive|lib/host/plan/toolchain|lib/host/plan/hermetic|lib/host/layout/kernel_sdk)\.c:' <<<"$output"
}

# `[ ... ] && [ ... ]` in the middle of a test cannot fail by its first half: bash takes the first half for a
# condition. Only the last statement of a test or function may be one, or one that leaves the place.
halves() { # FILE...
  awk '
    FNR == 1 { before = "" }
    before != "" && $1 != "}" { print before; bad = 1 }
    {
      before = ""
      line = $0
      gsub(/\[\[ .* \]\]/, "T", line)
      gsub(/"[^"]*"/, "S", line)
      if (line ~ /^ *(\[|T) ?.* && / && line !~ / \|\| | && (break|continue|return|exit)/ && line !~ /(&&|\\)$/) before = FILENAME ":" FNR ": " $0
    }
    END { exit bad }' "$@"
}

@test "what is executable is a script: a package has no other programs than those in bin" {
  while read -r f; do
    [[ $(head -c 3 "$f") == '#!/' ]] || { echo "$f is executable, and no script"; exit 1; }
  done < <(find examples lib tests man docs debian .ci -type f -perm /111)
}

@test "no test has a half that cannot fail" {
  halves $(find tests -name '*.bats' -o -name '*.bash')
  printf '%s\n' '  [ -e a ] && [ -e b ]' '  [ -e c ]' >"$BATS_TEST_TMPDIR/wrong"
  run ! halves "$BATS_TEST_TMPDIR/wrong"
}

@test "every document example of section 5 is there" {
  for page in man/*.5; do
    grep -q '^\.Sh EXAMPLES' "$page" || { echo "$page: no EXAMPLES"; exit 1; }
  done
}
