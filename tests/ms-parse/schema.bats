#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-parse --schema: takes every system that ms-parse takes, and refuses what one key cannot be.
load ../lib

setup() {
  cd "$BATS_TEST_TMPDIR" || exit 1
  ms-parse --schema -o schema.json
}

# Every rule of one key: its golden case is refused.
RULES='assertion-count assertion-number build-board build-config build-output-dir build-root-task
build-sdk cap-count cap-kind cap-slot channel-caller channel-count channel-end channel-id channel-kind
channel-name channel-notify domain-count domain-id domain-name dt-index dt-path irq-channel irq-count irq-number
irq-trigger map-address map-count map-permissions map-region missing-key pd-binary pd-budget
pd-child-id pd-count pd-cpu pd-defines pd-include-dirs pd-libs pd-name pd-period pd-priority
pd-sources pd-stack pd-symbols priority-order region-address region-caching region-count region-name
region-bootinfo region-page region-permissions region-prefill region-size schedule-count schedule-duration
schedule-shift schedule-start schedule-unit schema setvar-count setvar-value symbol toml-limit
toml-range toml-unsupported unknown-key vcpu-count vcpu-cpu vcpu-id vm-budget vm-count vm-name
vm-period vm-priority wrong-type'

needs_jsonschema() {
  python3 -c 'import tomllib, jsonschema' 2>/dev/null || skip "no python3-jsonschema, or a Python before 3.11"
}

validate() {
  needs_jsonschema
  python3 "$BATS_TEST_DIRNAME/validate.py" schema.json "$@"
}

@test "golden systems that are right are right for the schema, and so are the examples" {
  right=("$MS_ROOT"/examples/*/system.toml)
  for case in "$BATS_TEST_DIRNAME"/cases/*/; do
    [ ! -e "$case/status" ] || [ "$(cat "$case/status")" = 0 ] || continue
    if [ ! -e "$case/in" ] || grep -q json "$case/args" 2>/dev/null; then continue; fi
    right+=("$case/in")
  done
  validate "${right[@]}" >verdicts
  [ "$(wc -l <verdicts)" -gt 30 ]
  run ! grep -v '^ok ' verdicts
}

@test "a key that cannot be what it is is refused, rule by rule" {
  wrong=()
  for rule in $RULES; do wrong+=("$BATS_TEST_DIRNAME/cases/rule-$rule/in"); done
  validate "${wrong[@]}" >verdicts
  [ "$(wc -l <verdicts)" = "$(wc -w <<<"$RULES")" ]
  run ! grep -v '^refused ' verdicts
}

@test "taplo, a TOML language server, takes the schema that a system names in its first line" {
  command -v taplo >/dev/null || skip "no taplo (npm: @taplo/cli)"
  mkdir right wrong
  for spec in "$MS_ROOT"/examples/*/system.toml; do
    { echo '#:schema ../schema.json'; cat "$spec"; } >"right/$(basename "$(dirname "$spec")").toml"
  done
  taplo lint right/*.toml
  for rule in pd-priority unknown-key wrong-type region-caching; do
    { echo '#:schema ../schema.json'; cat "$BATS_TEST_DIRNAME/cases/rule-$rule/in"; } >"wrong/$rule.toml"
    run -1 taplo lint "wrong/$rule.toml"
  done
}

@test "each key alone: one wrong value is refused, the same system without it is not" {
  printf '[[protection_domains]]\nname = "a"\nbinary = "a.c"\n' >base.toml
  n=0
  while IFS='|' read -r line; do
    n=$((n + 1))
    { cat base.toml; printf '%b\n' "$line"; } >"wrong$n.toml"
  done <<'END'
priority = 255
priority = "high"
stack_bytes = 4097
colour = "red"
sources = ["a.cc"]
sources = ["x/../b.c"]
sources = ["./b.c"]
sources = ["/b.c"]
sources = ["build/b.c"]
sources = ["-b.c"]
sources = ["x//b.c"]
defines = ["9=1"]
maps = [{ region = "r", vaddr = "0xg" }]
maps = [{ region = "r", vaddr = "any" }]
maps = [{ region = "r", permissions = ["read", "read"] }]
setvars = [{ symbol = "s", value = -1 }]
setvars = [{ symbol = "s" }]
setvars = [{ symbol = "a-b", value = 1 }]
END
  validate base.toml wrong*.toml >verdicts
  [ "$(grep -c '^ok ' verdicts)" = 1 ]
  [ "$(grep -c '^refused ' verdicts)" = "$n" ]
  # ms-parse agrees on each
  ms-parse --check base.toml
  for f in wrong*.toml; do run -1 ms-parse --check "$f"; done
}

@test "addresses, paths and defines that are taken" {
  printf '%s\n' '[[protection_domains]]' 'name = "a"' 'binary = "@project/build/a.c"' 'sources = ["..b/c...S"]' \
    'defines = ["A", "B=", "C=a \"b\" ä"]' 'maps = [{ region = "r", vaddr = "auto" }, { region = "r", vaddr = 0x40000000 }]' \
    'setvars = [{ symbol = "s", value = "0x0000000000ffffffffFFFFFFFF" }]' '[[memory_regions]]' 'name = "r"' \
    'phys_addr = "0xffffffffffffe000"' 'size_bytes = 4096' 'permissions = ["read"]' '[build]' 'output_dir = "build/x"' >s.toml
  ms-parse --check s.toml
  needs_jsonschema # a skip within a pipe would skip the pipe alone
  validate s.toml | grep '^ok '
}

@test "every key has a description, and every description a key" {
  jq -r 'def keys_of($p): (.properties // .items.properties // .anyOf[1]?.properties // {}) | to_entries[] |
    ($p + .key) as $k | [$k, (.value.description // "")], (.value | keys_of($k + "."));
    keys_of("") | @tsv' schema.json >keys
  [ "$(wc -l <keys)" -gt 100 ]
  run ! grep -P '\t$' keys
  grep -oE '^    \{"[a-z_.]+"' "$MS_ROOT/lib/host/spec/describe.c" | cut -d'"' -f2 | sort >described
  cut -f1 keys | sort | diff - described
}

@test "the same bytes each time, canonical, on standard output too" {
  ms-parse --schema | cmp - schema.json
  jq -cS . schema.json | cmp - schema.json
}
