#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-attest: what the statement says, and that it says the same wherever the same was built.
load ../lib
load ../trust

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
  new_delivery
}

setup() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
}

@test "golden cases" {
  golden ms-attest "$BATS_TEST_DIRNAME/cases"
}

@test "canonical bytes and a newline" {
  jq -cS . statement.json | cmp - statement.json
}

@test "in-toto Statement v1 with SLSA provenance v1" {
  jq -e '._type == "https://in-toto.io/Statement/v1" and .predicateType == "https://slsa.dev/provenance/v1"
    and (.subject | length) == 1
    and (.predicate.buildDefinition | .buildType == "urn:moonshot-toolkit:build-type:v1"
      and .externalParameters == {spec: "system.toml", board: "qemu-arm-virt", config: "debug"}
      and (.internalParameters | keys) == ["format", "inputs_hash", "plan_hash", "spec_hash", "verified_config"]
      and .internalParameters.verified_config == {verdict: "not-seL4"})
    and .predicate.runDetails.builder.id == "urn:moonshot-toolkit:builder:v1"
    and (.predicate.runDetails | has("metadata") | not)' statement.json
}

@test "image, hashes, programs, archive and members are those of the build" {
  local last
  last=$(record source/build)
  [ "$(jq -r '.subject[0].digest.sha256' statement.json)" = "$(sha256sum <system-image.bin | cut -d' ' -f1)" ]
  [ "$(jq -r .predicate.buildDefinition.internalParameters.spec_hash statement.json)" = "$(ms-parse --format toml source/system.toml | sha256sum | cut -d' ' -f1)" ]
  [ "$(jq -r .predicate.buildDefinition.internalParameters.plan_hash statement.json)" = "$(jq -r .plan_hash "$last")" ]
  diff <(jq -r '.predicate.runDetails.byproducts[] | "\(.name) \(.annotations.kind) \(.annotations.size) \(.digest.sha256)"' statement.json) \
    <(jq -r '(.artifacts[] | "\(.path) program \(.size) \(.sha256)"),
      (.archive | "system.cpio archive \(.size) \(.sha256)", (.entries[] | "system.cpio/\(.name) member \(.size) \(.sha256)"))' "$last")
}

@test "inputs_hash as docs/build-type-v1.md computes it" {
  sed -n "/^jq -cjS/,/^\`\`\`/p" "$MS_ROOT/docs/build-type-v1.md" | grep -v '^```' >command.sh
  got=$(bash command.sh | cut -d' ' -f1)
  [ "$got" = "$(jq -r .predicate.buildDefinition.internalParameters.inputs_hash statement.json)" ]
}

@test "another folder, clock, locale, umask: the same statement" {
  mkdir -p other/place
  cp -R source/src source/system.toml other/place
  (
    cd other/place
    umask 077
    export LC_ALL=tr_TR.UTF-8 TZ=Asia/Tokyo HOME=/nowhere
    ms-build -q -B out system.toml
    ms-attest --spec system.toml "$(record out)" | cmp - "$BATS_FILE_TMPDIR/statement.json"
  )
}

@test "SOURCE_DATE_EPOCH gives the times, nothing else does" {
  SOURCE_DATE_EPOCH=1000000000 ms-attest -C source --spec system.toml "$PWD/last.json" >timed
  [ "$(jq -r '.predicate.runDetails.metadata | .startedOn, .finishedOn' timed | sort -u)" = 2001-09-09T01:46:40Z ]
  jq -cS 'del(.predicate.runDetails.metadata)' timed | cmp - statement.json
  for epoch in x -1 1.5 '' 99999999999999999999 253402300800; do
    SOURCE_DATE_EPOCH=$epoch run -2 --separate-stderr ms-attest -C source --spec system.toml "$PWD/last.json"
  done
}

@test "the specification must be the one that was built, however it is spelled" {
  { echo '# a comment'; cat source/system.toml; } >source/spelled.toml
  ms-attest -C source --spec spelled.toml "$PWD/last.json" >other.json
  diff <(jq -cS 'del(.predicate.buildDefinition.externalParameters.spec)' other.json) \
    <(jq -cS 'del(.predicate.buildDefinition.externalParameters.spec)' statement.json)
  sed s/100/99/ source/system.toml >source/changed.toml
  run -1 --separate-stderr ms-attest -C source --spec changed.toml "$PWD/last.json"
  [[ $stderr == *"changed.toml is another system than the one that was built"* && -z $output ]]
  printf '\n<system/>' >source/description.system
  run -1 --separate-stderr ms-attest -C source --spec description.system "$PWD/last.json"
  [[ $stderr == *"is a system description of Microkit"* ]]
  run -3 --separate-stderr ms-attest -C source --spec absent.toml "$PWD/last.json"
}

@test "a record that was changed by hand is refused" {
  while IFS='|' read -r filter words; do
    jq -cS "$filter" last.json >changed.json
    run -1 --separate-stderr ms-attest -C source --spec system.toml "$PWD/changed.json"
    [[ $stderr == *"$words"* && -z $output ]] || { echo "$filter: $stderr"; return 1; }
  done <<'END'
.plan_hash = .spec_hash|[plan-hash]
.steps[0].description = "other"|[plan-hash]
del(.image)|the key "image" is missing
del(.linked_from)|the document has no linked_from
.compiled_from[0].path = "@kernel.dtb"|the document records the input "@kernel.dtb", whose path is empty
.compiled_from[0].path = "@toolkit//etc/passwd"|the document records the input "@toolkit//etc/passwd", whose path is absolute
.compiled_from[0].path = "../x.c"|the document records the input "../x.c", whose path
.inputs_hash = .spec_hash|[inputs-hash]
.image.sha256 = "x"|64 lower-case hex digits
.more = 1|unknown key "more"
END
}

@test "-o writes completely or not at all" {
  run -3 --separate-stderr bash -c "ms-attest -C source --spec system.toml '$PWD/last.json' >/dev/full"
  run -1 --separate-stderr ms-attest -C source --spec system.toml -o "$PWD/none.json" /dev/null
  [ ! -e none.json ]
}

@test "the example of docs/build-type-v1.md is read, and has the keys of a real one" {
  # shellcheck disable=SC2016 # the page's fences
  sed -n '/^```json/,/^```$/p' "$MS_ROOT/docs/build-type-v1.md" | grep -v '^```' >example.json
  ms-verify --unsigned example.json
  keys() { jq -r 'paths | map(if type == "number" then "[]" else . end) | join(".")' "$1" | sort -u; }
  diff <(keys example.json) <(keys statement.json)
}

@test "a hermetic build has another builder, and the same image" {
  if ! ms-build -q -C source -B sealed --hermetic system.toml 2>why; then
    grep -q 'lets no step be closed off' why || { cat why; return 1; }
    skip "$(cat why)"
  fi
  ms-attest -C source --spec system.toml "$PWD/$(record source/sealed)" >sealed.json
  [ "$(jq -r .predicate.runDetails.builder.id sealed.json)" = urn:moonshot-toolkit:builder:v1:hermetic ]
  diff <(jq -S 'del(.predicate.runDetails.builder.id)' sealed.json) <(jq -S 'del(.predicate.runDetails.builder.id)' statement.json)
  ms-verify --unsigned --builder urn:moonshot-toolkit:builder:v1:hermetic --project source --rebuild again sealed.json
  [ "$(jq -r .image.hermetic "$(record again)")" = true ]
  run ! ms-verify --unsigned --builder urn:moonshot-toolkit:builder:v1:hermetic statement.json
}
