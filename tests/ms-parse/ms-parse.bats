#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-parse: golden cases (one for every rule at least), the canonical rendering, hostile input.
load ../lib

setup() {
  cases=$BATS_TEST_DIRNAME/cases
  cd "$BATS_TEST_TMPDIR" || return 1
}

# A small system that keeps every rule.
small() {
  cat <<'END'
[[protection_domains]]
name = "hello"
binary = "examples/hello.c"
priority = 100
stack_bytes = 65536
END
}

canonical() { ms-parse --format toml "$@"; }

@test "golden cases" {
  golden ms-parse "$cases"
}

@test "every rule stands in ms-parse(1), with its severity and its sentence" {
  ms-parse --list-rules >rules
  awk '/^\.It Cm .* Pq / { name = $3; severity = $5; getline; printf "%s\t%s\t%s\n", name, severity, $0 }' \
    "$MS_ROOT/man/ms-parse.1" >page
  [ -s page ]
  diff rules page
}

@test "every rule has a case that breaks it, and every case of a rule has its rule" {
  ms-parse --list-rules | while IFS=$'\t' read -r rule severity _; do
    grep -aqE "^<stdin>:([0-9]+:[0-9]+:)? $severity: .* \[$rule\]$" "$cases/rule-$rule/err" ||
      { echo "no $severity of $rule in $cases/rule-$rule/err"; exit 1; }
  done
  for case in "$cases"/rule-*/; do
    rule=$(basename "$case")
    ms-parse --list-rules | grep -q "^${rule#rule-}$(printf '\t')"
  done
}

@test "--check writes nothing and has the same status" {
  small | ms-parse --check >out
  [ ! -s out ]
  run -1 --separate-stderr ms-parse --check "$cases/rule-pd-stack/in"
  [ -z "$output" ]
}

@test "a file operand and -o" {
  small >system.toml
  ms-parse -o spec.json system.toml
  ms-parse <system.toml | cmp - spec.json
  small | sed 's/100/400/' >wrong.toml
  run -1 --separate-stderr ms-parse -o other.json wrong.toml
  [[ $stderr == "wrong.toml:4:12: error: "* ]]
  [ ! -e other.json ]
  [ "$(find . -name '*.tmp')" = "" ]
}
