# SPDX-License-Identifier: BSD-2-Clause
# What every bats file loads: where the programs are, and golden cases.
bats_require_minimum_version 1.5.0

MS_ROOT="${MS_ROOT:-$(cd "$BATS_TEST_DIRNAME" && git rev-parse --show-toplevel)}"
MS_BIN="${MS_BIN:-$MS_ROOT/bin}"
unset MICROKIT_SDK
export MS_TOOLKIT="${MS_TOOLKIT:-$MS_ROOT/lib}"
PATH="$MS_BIN:$PATH"

# golden PROGRAM DIR: every folder below DIR is one case:
#   args    words, one a line (missing: none)       in      standard input (missing: empty)
#   out     expected stdout (missing: not compared) err     expected stderr (missing: not compared)
#   status  expected exit code (missing: 0)
# A case runs in a copy of its folder, so it may hold further files. With MS_GOLDEN=write,
# files out and err that exist are rewritten with what came out.
golden() {
  local program=$1 dir=$2 case bad=0 count=0 want args f
  for case in "$dir"/*/; do
    case=${case%/}
    count=$((count + 1))
    rm -rf "$BATS_TEST_TMPDIR/case"
    cp -R "$case" "$BATS_TEST_TMPDIR/case"
    args=()
    if [ -e "$case/args" ]; then mapfile -t args <"$case/args"; fi
    want=0
    if [ -e "$case/status" ]; then want=$(cat "$case/status"); fi
    [ -e "$BATS_TEST_TMPDIR/case/in" ] || : >"$BATS_TEST_TMPDIR/case/in"
    local got=0
    (cd "$BATS_TEST_TMPDIR/case" && "$program" "${args[@]}" <in >out.got 2>err.got) || got=$?
    if [ "$got" != "$want" ]; then
      echo "$case: exit $got, expected $want"
      head -5 "$BATS_TEST_TMPDIR/case/err.got"
      bad=1
    fi
    for f in out err; do
      [ -e "$case/$f" ] || continue
      if [ "${MS_GOLDEN:-}" = write ]; then
        cp "$BATS_TEST_TMPDIR/case/$f.got" "$case/$f"
      elif ! diff -u "$case/$f" "$BATS_TEST_TMPDIR/case/$f.got"; then
        echo "$case: $f differs"
        bad=1
      fi
    done
  done
  [ "$count" -gt 0 ] || { echo "no cases in $dir"; return 1; }
  return "$bad"
}
