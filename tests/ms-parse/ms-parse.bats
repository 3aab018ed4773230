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

# The example of that name in ms-spec(5).
example() {
  awk -v want="$1" '
    $0 == ".\\\" example: " want { found = 1 }
    found && /^\.Bd/ { on = 1; next }
    /^\.Ed/ { if (on) exit }
    on' "$MS_ROOT/man/ms-spec.5"
}

@test "the examples of ms-spec(5)" {
  example spec >spec.toml
  example canonical >canonical.toml
  example document | tr -d '\n' >document.json
  echo >>document.json
  [ -s spec.toml ] && [ -s canonical.toml ]
  canonical spec.toml | diff canonical.toml -
  ms-parse spec.toml | diff document.json -
}

# The keys that the page lists under a heading, and those that the program knows there: it
# answers an unknown key with their list.
page_keys() {
  awk -v from="$1" '$0 == ".Ss " from { on = 1; next } /^\.S[sh]/ { on = 0 }
    on && /^\.It (Cm|Li) / { gsub(/^\.It|Cm|Li|[][,]/, ""); print }' "$MS_ROOT/man/ms-spec.5" | xargs
}
known_keys() {
  printf '%s\nzzzzzzzzzzzz = 1\n' "$1" | ms-parse --check 2>&1 |
    sed -n 's/.*; known are \(.*\) \[unknown-key\]$/\1/p' | tr -d ','
}

@test "the keys of ms-spec(5) are those of the program, in the same order" {
  local table
  [ -n "$(known_keys '')" ]
  diff <(page_keys "Top level") <(known_keys '')
  for table in '[build]' '[[protection_domains]]' '[[channels]]' '[[memory_regions]]' \
    '[[irq_delivery]]'; do
    [ -n "$(known_keys "$table")" ]
    diff <(page_keys "$table") <(known_keys "$table")
  done
}
