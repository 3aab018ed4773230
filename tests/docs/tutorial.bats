#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# docs/tutorial.md: its files are written and its commands run, in order; what it shows comes out.
# With a kernel of MS_KERNELS that prints (a Microkit SDK's, where there is one) all of it, else
# all but the boots.
load ../lib
load ../boot

setup() {
  unset SOURCE_DATE_EPOCH MS_TOOLKIT
  real_kernels
  export HOME="$BATS_TEST_TMPDIR/home"
  mkdir -p "$HOME" "$BATS_TEST_TMPDIR/page"
  awk -v dir="$BATS_TEST_TMPDIR/page" -f "$BATS_TEST_DIRNAME/walk.awk" "$MS_ROOT/docs/tutorial.md"
}

# The folder that the page takes for its kernel leads to one that prints.
bring_kernel() {
  local k board="$HOME/microkit-sdk-2.2.0/board/qemu_virt_aarch64"
  for k in "${kernels[@]}"; do
    if grep -rqsE '"(KERNEL_)?PRINTING": (true|1)' "$k"/*/kernel/gen_config.json "$k"/*/*/kernel/gen_config.json "$k"/gen_config.json; then
      mkdir -p "$board"
      ln -s "$k" "$board/debug"
      return 0
    fi
  done
  return 1
}

# appears WANTED GOT: the lines of WANTED are in GOT in this order; "…" is any text. An error of
# ms-parse is shown by its first line alone.
appears() {
  local line rest pattern
  rest=$(tr -d '\r' <"$2")
  while IFS= read -r line; do
    pattern=${line//\\/\\\\}
    pattern=${pattern//\*/\\*}
    pattern=${pattern//\[/\\[}
    pattern=${pattern//\?/\\?}
    pattern=${pattern//…/*}
    # shellcheck disable=SC2053
    if [[ $rest != *$pattern* ]]; then
      echo "not shown: $line"
      return 1
    fi
    # shellcheck disable=SC2295
    rest=${rest#*$pattern}
  done <"$1"
}

# The page's shell is one shell: each piece begins with the variables and in the folder in which the one
# before ended. Under sanitizers "make" would build the programs another time: the ones at hand
# are installed.
run_piece() {
  local state="$BATS_TEST_TMPDIR/state"
  {
    if [ -e "$state" ]; then printf '. %q\n' "$state"; fi
    cat "$1"
    printf '{ export -p; printf "cd %%q\\n" "$PWD"; } >%q\n' "$state"
  } >"$BATS_TEST_TMPDIR/piece"
  bash -eu -o pipefail "$BATS_TEST_TMPDIR/piece" >"$BATS_TEST_TMPDIR/got" 2>&1 </dev/null
}

# The checkout's commands: make is run for the programs that are under test.
run_checkout() {
  printf '%s\n' 'make deps' 'make' "make install PREFIX=\"\$HOME/moonshot\"" | diff - "$1"
  make -s -C "$MS_ROOT" install PREFIX="$HOME/moonshot" BINDIR="$MS_BIN" ${MS_UNITS:+BUILD="$(dirname "$MS_UNITS")"}
}

@test "the tutorial, from top to bottom" {
  local piece booting=1 shown=0
  bring_kernel || booting=0
  for piece in "$BATS_TEST_TMPDIR"/page/*; do
    case $piece in
    *.name) continue ;;
    *.file) cp "$piece" "$HOME/shop/$(cat "${piece%.file}.name")" ;;
    *.sh-checkout) run_checkout "$piece" ;;
    *.sh-kernel) if [ "$booting" = 1 ]; then run_piece "$piece"; fi ;;
    *.sh | *.sh-boots)
      if [ "$booting" = 0 ]; then sed -i 's/ --kernel "$MS_KERNEL"//' "$piece"; fi
      if [[ $piece == *-boots && $booting = 0 ]]; then
        grep -v '^ms-build run' "$piece" >"$piece.rest" || :
        run_piece "$piece.rest"
        : >"$BATS_TEST_TMPDIR/unseen"
        continue
      fi
      run_piece "$piece" || { cat "$piece" "$BATS_TEST_TMPDIR/got"; return 1; }
      ;;
    *.sh-fails)
      run run_piece "$piece"
      [ "$status" = 1 ] || { cat "$piece"; return 1; }
      ;;
    *.text)
      if [ -e "$BATS_TEST_TMPDIR/unseen" ]; then rm "$BATS_TEST_TMPDIR/unseen"; continue; fi
      appears "$piece" "$BATS_TEST_TMPDIR/got" || { cat "$BATS_TEST_TMPDIR/got"; return 1; }
      shown=$((shown + 1))
      ;;
    *) echo "what is $piece?"; return 1 ;;
    esac
  done
  [ "$shown" -ge 5 ]
  [ "$booting" = 1 ] || skip "all but the boots is right; MS_KERNELS names no kernel that prints"
}

@test "programs, options and pages that the documents name are there" {
  local page word program bad=0
  for page in "$MS_ROOT"/docs/*.md "$MS_ROOT"/README.md; do
    for program in $(grep -oE '\bms-(parse|plan|hash|compile|layout|cpio|link|build|import|export|attest|sign|verify|sbom|report|graph)\b' "$page" | sort -u); do
      [ -e "$MS_ROOT/bin/$program.c" ] || { echo "$page: $program"; bad=1; }
    done
    # ms-x … --option in one line of a command, or in one piece of code
    while IFS=' ' read -r program word; do
      "$program" --help | grep -qE -- "$word([=,[:space:]]|\$)" || { echo "$page: $program $word"; bad=1; }
    done < <(grep -oE '\bms-[a-z]+( [^|`;&#]*)?' "$page" | awk '{ for (i = 2; i <= NF && $i != "--"; i++)
        if ($i ~ /^--[a-z]/) { sub(/[^a-z-].*/, "", $i); print $1, $i } }' | sort -u)
    for word in $(grep -oE '\]\([A-Za-z0-9._/-]+(#[a-z-]+)?\)' "$page" | sed 's/^](//; s/[)#].*//' | sort -u); do
      [ -e "$(dirname "$page")/$word" ] || { echo "$page: $word"; bad=1; }
    done
    for word in $(grep -oE '\b(ms-[a-z]+|moonshot(-[a-z]+)?)\([157]\)' "$page" | sort -u); do
      [ -e "$MS_ROOT/man/${word%(*}.${word: -2:1}" ] || { echo "$page: $word"; bad=1; }
    done
  done
  return "$bad"
}

@test "files that the architecture names are there" {
  local word bad=0
  for word in $(grep -oE '`[a-z_/-]*[a-z0-9_]+\.(c|h|S|lds|bats|sh)`' "$MS_ROOT/docs/architecture.md" | tr -d '`' | sort -u); do
    find "$MS_ROOT"/{bin,lib,vendor,tests,examples,docs} -path "*/$word" | grep -q . ||
      case $word in till.c | ledger.c | ms-X.c) ;; *) echo "$word"; bad=1 ;; esac
  done
  return "$bad"
}
