#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# Completions made from the option tables, in the shells themselves: keys are typed at a terminal,
# and what the shell then runs is looked at.
load ../lib

setup() {
  cd "$BATS_TEST_TMPDIR" || exit 1
  mkdir kern
  touch system.toml
}

need() { command -v "$1" >/dev/null || skip "no $1 (Debian's package of that name)"; }

# What is typed in bash and zsh: a line, and the words that the program then gets.
LINES='ms-parse --sch\t|--schema
ms-parse --format to\t|--format toml
ms-parse --format=to\t|--format=toml
ms-parse -f js\t sy\t|-f json system.toml
ms-parse sy\t|system.toml
ms-build va\t sy\t|validate system.toml
ms-build --kernel ke\t|--kernel kern
ms-build build --form\t im\t|build --format image
ms-sbom --format cyc\t|--format cyclonedx
moonshot-toolkit --herm\t|--hermetic'

# await WORDS COUNT: until so many lines of the screen hold the words.
await() {
  for _ in $(seq 1000); do
    [ "$(grep -ac "$1" screen)" -lt "$2" ] || return 0
    sleep 0.02
  done
}

# typed SHELL SETUP: the lines at a terminal of that shell; what the programs got, in order.
typed() {
  local start=$2 line programs='' n=0
  for p in ms-parse ms-build ms-sbom moonshot-toolkit; do programs+="$p() { echo \"GOT:\$*:\"; }; "; done
  : >screen
  {
    printf '%s\n%s; echo REA""DY\n' "$programs" "$start"
    await READY 1
    while IFS='|' read -r line _; do
      n=$((n + 1))
      printf '%b\n' "$line"
      await 'GOT:[^$]*:.*$' "$n"
    done <<<"$LINES"
    echo exit
  } | timeout 100 env -i PATH=/usr/bin:/bin HOME="$PWD" TERM=dumb PS1='> ' script -qec "$1" /dev/null >>screen
  tr -d '\r' <screen | grep -aoE '(^|l)GOT:[^$]*:$' | sed 's/.*GOT:\(.*\):/\1/; s,/$,,' >got
  cut -d'|' -f2 <<<"$LINES" | diff - got || { cat screen; return 1; }
}

@test "bash" {
  for p in ms-parse ms-build ms-sbom; do $p --completions=bash >"comp.$p"; done
  typed 'bash --norc --noprofile -i' 'for f in comp.*; do . ./$f; done'
}

@test "zsh" {
  need zsh
  mkdir comp
  for p in ms-parse ms-build ms-sbom; do $p --completions=zsh >"comp/_$p"; done
  typed 'zsh -f -i' 'fpath=($PWD/comp $fpath); autoload -U compinit; compinit -u -D'
}

@test "fish" {
  need fish
  for p in ms-parse ms-build ms-sbom; do $p --completions=fish >"$p.fish"; done
  complete() { HOME=$PWD fish --no-config -c "for f in *.fish; source \$f; end; complete -C '$1'" | cut -f1 | tr '\n' ' '; }
  [ "$(complete 'ms-parse --sch')" = '--schema ' ]
  [ "$(complete 'ms-parse --format ' | tr ' ' '\n' | grep -xE 'json|toml' | sort | tr '\n' ' ')" = 'json toml ' ]
  [ "$(complete 'ms-parse --format to')" = 'toml ' ]
  [[ "$(complete 'ms-parse sy')" == *system.toml* ]]
  [[ "$(complete 'ms-build va')" == *validate* ]]
  [[ "$(complete 'ms-build validate ')" != *diff* ]]
  [ "$(complete 'ms-build --kernel ke')" = 'kern/ ' ]
  [ "$(complete 'moonshot-toolkit --herm')" = '--hermetic ' ]
}

@test "every program has all three, without a fault of the shell's, and every option is in them" {
  for source in "$MS_ROOT"/bin/ms-*.c; do
    p=$(basename "$source" .c)
    for shell in bash zsh fish; do "$p" "--completions=$shell" >"$p.$shell"; done
    bash -n "$p.bash"
    if command -v zsh >/dev/null; then zsh -n "$p.zsh"; fi
    if command -v fish >/dev/null; then fish --no-config -n "$p.fish"; fi
    for o in $("$p" --help | grep -oE '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
      grep -qE -- "[' ]${o}[ ']" "$p.bash"
      grep -qE -- "${o}[]=',}[]" "$p.zsh"
      grep -qE -- " -l ${o#--} " "$p.fish"
    done
  done
}

@test "words of an option are words that its program knows" {
  # each is named in the program's --help
  for source in "$MS_ROOT"/bin/ms-*.c; do
    p=$(basename "$source" .c)
    "$p" --completions=bash | grep -oE "^  -[^ ]*\) how=\(-W '[^']*'" | cut -d"'" -f2 | tr ' ' '\n' >words
    "$p" --help >help
    while read -r word; do grep -qw -- "$word" help || { echo "$p: $word"; exit 1; }; done <words
  done
}

@test "another shell is refused; it is no option among others" {
  run -2 ms-parse --completions=tcsh
  [[ $output == *"bash, zsh or fish"* ]]
  run -2 ms-parse --completions=bash x
}
