#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-hash: both hashes recomputed by other tools, checking, and one plan_hash everywhere.
load ../lib

setup() {
  cd "$BATS_TEST_TMPDIR" || return 1
  cat >system.toml <<'END'
[[protection_domains]]
name = "hello"
binary = "src/hello.c"
priority = 100
stack_bytes = 65536
END
  ms-parse system.toml | ms-plan >plan
  ms-hash plan >hashed
}

hash_of() { sha256sum | cut -d' ' -f1; }

@test "golden cases" {
  golden ms-hash "$BATS_TEST_DIRNAME/cases"
}

@test "ms-parse | ms-plan | ms-hash" {
  ms-parse system.toml | ms-plan | ms-hash | cmp - hashed
}

@test "spec_hash is the SHA-256 of the canonical TOML" {
  want=$(ms-parse --format toml system.toml | hash_of)
  [ "$(jq -r .spec_hash hashed)" = "$want" ]
  [ "$(ms-hash --print spec_hash plan)" = "$want" ]
}

@test "plan_hash is the SHA-256 of the canonical JSON of spec_hash and steps" {
  want=$(jq -cjS '{spec_hash, steps}' hashed | hash_of)
  [ "$(jq -r .plan_hash hashed)" = "$want" ]
  [ "$(ms-hash --print plan_hash plan)" = "$want" ]
  [ "$(ms-hash --print plan_hash hashed)" = "$want" ]
}

@test "the plan is copied as it is" {
  jq -cS 'del(.spec_hash, .plan_hash)' hashed | cmp - plan
}

@test "a hashed plan stays as it is" {
  ms-hash hashed | cmp - hashed
}

@test "--verify accepts what fits and prints nothing" {
  run -0 --separate-stderr ms-hash --verify hashed
  [ -z "$output" ]
  [ -z "$stderr" ]
}

@test "--verify names the hash that fails, and only that" {
  other=$(printf '' | hash_of)
  jq -cS --arg h "$other" '.spec_hash = $h' hashed >wrong
  run -1 --separate-stderr ms-hash --verify wrong
  [[ $stderr == *"spec_hash does not fit"*"[spec-hash]"* && $stderr != *plan_hash* ]]
  jq -cS --arg h "$other" '.plan_hash = $h' hashed >wrong
  run -1 --separate-stderr ms-hash --verify wrong
  [[ $stderr == *"plan_hash does not fit"*"[plan-hash]"* && $stderr != *spec_hash* ]]
  jq -cS '.steps[0].commands[0][3] = "-O3"' hashed >wrong
  run -1 --separate-stderr ms-hash --verify wrong
  [[ $stderr == *"[plan-hash]"* && $stderr != *"[spec-hash]"* ]]
  jq -cS '.spec.protection_domains[0].priority = 1' hashed >wrong
  run -1 --separate-stderr ms-hash --verify wrong
  [[ $stderr == *"[plan-hash]"* && $stderr == *"[spec-hash]"* ]]
}

@test "a hashed plan that does not fit is refused without --verify too" {
  jq -cS '.steps[0].commands[0][3] = "-O3"' hashed >wrong
  run -1 --separate-stderr ms-hash wrong
  run -1 --separate-stderr ms-hash --print plan_hash wrong
  [ -z "$output" ]
  jq -cS 'del(.plan_hash)' hashed >half
  run -1 --separate-stderr ms-hash half
  [[ $stderr == *"only one of spec_hash and plan_hash"* ]]
}

@test "--verify wants hashes" {
  run -1 --separate-stderr ms-hash --verify plan
  [[ $stderr == *'the key "plan_hash" is missing'* ]]
}

@test "documents of later stages can be checked" {
  jq -cS '.artifacts = [] | .archive = {} | .image = {}' hashed >later
  ms-hash --verify later
  [ "$(ms-hash --print plan_hash later)" = "$(jq -r .plan_hash hashed)" ]
}

@test "comments, order of keys and integer bases do not change the hashes; a priority does" {
  cat >same.toml <<'END'
# the same system
[[protection_domains]]
stack_bytes = 0x1_0000
priority = 0b1100100
binary = 'src/hello.c'
"name" = """hello"""
END
  ms-parse same.toml | ms-plan | ms-hash | cmp - hashed
  sed s/100/99/ system.toml | ms-parse | ms-plan | ms-hash >other
  [ "$(jq -r .spec_hash other)" != "$(jq -r .spec_hash hashed)" ]
  [ "$(jq -r .plan_hash other)" != "$(jq -r .plan_hash hashed)" ]
}

# The programs and the system in a folder that every user can read.
anybody() {
  place=$(mktemp -d /tmp/ms-hash-XXXXXX)
  cp "$MS_BIN"/ms-{parse,plan,hash} system.toml "$place"
  chmod -R a+rX "$place"
}

print_hash() { ./ms-parse system.toml | ./ms-plan | ./ms-hash --print plan_hash; }

@test "1,000 runs, folders, locales, time zones, umasks: one plan_hash" {
  anybody
  runs=1000
  [ -z "${SANITIZE:-}" ] || runs=50 # sanitized programs start twenty times slower
  mkdir -p "$place/a/much/deeper/folder"
  cp "$place"/ms-* system.toml "$place/a/much/deeper/folder"
  locales=(C POSIX C.UTF-8 tr_TR.UTF-8 ar_EG.UTF-8)
  zones=(UTC Asia/Tokyo America/St_Johns XYZ+13)
  for ((i = 0; i < runs; i++)); do
    if ((i % 2)); then cd "$place"; else cd "$place/a/much/deeper/folder"; fi
    export LC_ALL=${locales[i % 5]} LANG=${locales[i % 3]} TZ=${zones[i % 4]}
    umask 0$((i % 8))$((i % 7))
    print_hash
  done | sort -u >"$BATS_TEST_TMPDIR/hashes"
  umask 022
  rm -rf "$place"
  [ "$(cat "$BATS_TEST_TMPDIR/hashes")" = "$(jq -r .plan_hash hashed)" ]
}

@test "another user: the same plan_hash" {
  anybody
  if [ "$(id -u)" -eq 0 ]; then
    other=(setpriv --reuid=65534 --regid=65534 --clear-groups)
  else
    other=(unshare --user --map-root-user)
  fi
  if ! "${other[@]}" true 2>/dev/null; then
    rm -rf "$place"
    skip "no way to become another user"
  fi
  cd "$place"
  got=$("${other[@]}" bash -c './ms-parse system.toml | ./ms-plan | ./ms-hash --print plan_hash')
  rm -rf "$place"
  [ "$got" = "$(jq -r .plan_hash "$BATS_TEST_TMPDIR/hashed")" ]
}

@test "-o writes the same, completely or not at all" {
  ms-hash -o out.json plan
  cmp out.json hashed
  head -c 1000 plan >half
  run -1 --separate-stderr ms-hash -o other.json half
  [ ! -e other.json ]
  run -3 --separate-stderr bash -c 'ms-hash plan >/dev/full'
  run -3 --separate-stderr bash -c 'ms-hash --print plan_hash plan >/dev/full'
}
