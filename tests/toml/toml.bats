#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# vendor/toml, driven through toml-decoder: our cases, and the public toml-test suite when
# TOML_TEST_DIR names its unpacked folder "tests" (the one with files-toml-1.0.0 in it).
load ../lib

setup() {
  decoder=${MS_DECODER:-$MS_ROOT/build/toml-decoder}
  cd "$BATS_TEST_TMPDIR" || return 1
}

@test "golden cases" {
  golden "$decoder" "$BATS_TEST_DIRNAME/cases"
}

@test "there are cases, and each refused one says why and where" {
  local case valid=0 refused=0
  for case in "$BATS_TEST_DIRNAME"/cases/*/; do
    if [ -e "$case/status" ]; then
      grep -qE '^<stdin>:[0-9]+:[0-9]+\+[0-9]+: error: .+ \[[a-z0-9-]+\]$' "$case/err"
      refused=$((refused + 1))
    else
      [ -e "$case/out" ]
      valid=$((valid + 1))
    fi
  done
  [ "$valid" -ge 40 ]
  [ "$refused" -ge 80 ]
}

@test "a full disk is exit 3, a wrong call exit 2" {
  run -3 --separate-stderr bash -c "echo 'a = 1' | '$decoder' >/dev/full"
  [[ $stderr == *"stdout"* ]]
  run -2 --separate-stderr "$decoder" file.toml
  [[ $stderr == usage:* ]]
}

@test "an unreadable stdin is exit 3, not an empty document" {
  run -3 --separate-stderr bash -c "'$decoder' <&-"
  [[ $stderr == *"stdin"* ]]
  run -3 --separate-stderr bash -c "'$decoder' </"
}

@test "the program in the README compiles alone and prints what the README says" {
  local readme=$MS_ROOT/vendor/toml/README.md
  # shellcheck disable=SC2016
  sed -n '/^```c$/,/^```$/{/^```/!p}' "$readme" >example.c
  "${CC:-cc}" -std=c11 -Wall -Wextra -Werror -I "$MS_ROOT/vendor/toml" -o example \
    example.c "$MS_ROOT/vendor/toml/toml.c"
  run -0 --separate-stderr ./example
  # shellcheck disable=SC2016
  [ "$output" = "$(sed -n '/^prints$/,/^`toml.h`/s/^    //p' "$readme")" ]
  [ "${#lines[@]}" -eq 2 ]
}

@test "input of any length is refused past 8 MiB" {
  run -1 --separate-stderr bash -c "yes '# a comment' | head -c 9000000 | '$decoder'"
  [[ $stderr == *"longer than 8388608 bytes [limit]" ]]
  run -0 bash -c "yes '# a comment' | head -c 8388608 | '$decoder'"
  [ "$output" = "{}" ]
}

@test "toml-test: each 1.0 case" {
  [ -n "${TOML_TEST_DIR:-}" ] || skip "TOML_TEST_DIR is not set"
  local file want bad=0 count=0
  while read -r file; do
    [[ $file == *.toml ]] || continue
    count=$((count + 1))
    want=0
    "$decoder" <"$TOML_TEST_DIR/$file" >out 2>err || want=$?
    if [[ $file == invalid/* ]]; then
      [ "$want" = 1 ] && [ ! -s out ] && continue
    elif jq -e '[.. | objects | select(.type | type == "string") | .type]
        - ["string", "integer", "bool"] == []' "$TOML_TEST_DIR/${file%.toml}.json" >/dev/null; then
      [ "$want" = 0 ] && [ ! -s err ] &&
        jq -en --slurpfile a out --slurpfile b "$TOML_TEST_DIR/${file%.toml}.json" '$a == $b' \
          >/dev/null && continue
    else # a float, date or time is in it
      [ "$want" = 1 ] && grep -q '\[unsupported\]$' err && continue
    fi
    echo "$file: exit $want"
    head -3 err
    bad=$((bad + 1))
  done <"$TOML_TEST_DIR/files-toml-1.0.0"
  echo "$count cases, $bad disagree"
  [ "$count" -gt 500 ]
  [ "$bad" -eq 0 ]
}
