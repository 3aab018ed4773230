#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-verify: what it looks at, what it says of what it could not look at, and its verdicts.
load ../lib
load ../trust

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
  new_delivery
  new_key stranger p256
}

setup() {
  cp -R "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR/work"
  cd "$BATS_TEST_TMPDIR/work" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
}

both() { ms-verify --trust vendor.pub --trust customer.pub --threshold 2 "$@"; }

# found FINDING CHECK: the output has such a line.
found() { grep -qE "^$1 +$2 " <<<"$output" || { echo "no line: $1 $2"; echo "$output"; return 1; }; }

@test "golden cases" {
  golden ms-verify "$BATS_TEST_DIRNAME/cases"
}

@test "everything at hand: everything is looked at" {
  run -0 --separate-stderr both --image system-image.bin --project source --record last.json system.dsse.json
  for check in threshold statement inputs_hash spec_hash plan_hash board config image archive members loader; do
    found ok $check
  done
  [ "$(grep -c '^ok *signature' <<<"$output")" = 2 ]
  found 'not checked' rebuild
  [[ $output == *"PASSED: "* && -z $stderr ]]
}

@test "a record is the statement's at whatever time and with whatever version one looks" {
  SOURCE_DATE_EPOCH=1700000000 ms-attest -C source --spec system.toml ../last.json >dated.json
  jq -cS '.predicate.runDetails.builder.version["moonshot-toolkit"] = "0.0"' statement.json >older.json
  for statement in statement dated older; do
    ms-verify --unsigned --record last.json $statement.json
    SOURCE_DATE_EPOCH=0 ms-verify --unsigned --record last.json $statement.json
  done
  jq -cS '.predicate.runDetails.metadata.finishedOn = "2030-01-01T00:00:00Z"' dated.json >wrong.json
  run -1 --separate-stderr ms-verify --unsigned --record last.json wrong.json
  found FAILED record
}

@test "a resource that no document can hold is a wrong call" {
  run -2 --separate-stderr both --summary summary.json --resource $'urn:\xff' system.dsse.json
  [[ $stderr == *'--resource urn:\xff: is not UTF-8'* && ! -e summary.json ]]
}

@test "what is not at hand is said" {
  run -0 --separate-stderr both system.dsse.json
  for check in spec_hash plan_hash image rebuild; do found 'not checked' $check; done
  run -0 --separate-stderr both --spec source/system.toml <system.dsse.json
  found ok plan_hash
  found 'not checked' image
}

@test "one is enough where one is asked for; the other is passed over" {
  run -0 --separate-stderr ms-verify --trust vendor.pub system.dsse.json
  found ok signature
  found note signature
  run -1 --separate-stderr ms-verify --trust stranger.pub system.dsse.json
  found FAILED threshold
  found 'not checked' statement
  [[ $output != *"spec_hash"* ]]
}

@test "trusted keys: a file with several, a folder, the same one twice" {
  cat vendor.pub customer.pub >all.pem
  ms-verify --trust all.pem --threshold 2 system.dsse.json
  mkdir keys
  cp vendor.pub customer.pub keys
  echo 'not a key' >keys/README
  ms-verify --trust keys --threshold 2 system.dsse.json
  ms-verify --trust keys --trust all.pem --trust vendor.pub --threshold 2 system.dsse.json
  cp vendor.pub again.pub
  run -2 --separate-stderr ms-verify --trust vendor.pub --trust again.pub --threshold 2 system.dsse.json
  [[ $stderr == *"--threshold 2 cannot be reached with 1 trusted key"* ]]
  mkdir empty
  run -1 --separate-stderr ms-verify --trust empty system.dsse.json
  [[ $stderr == *"no *.pem and no *.pub"* ]]
  run -1 --separate-stderr ms-verify --trust vendor.pem system.dsse.json
  [[ $stderr == *"[key-private]"* ]]
  for _ in {1..65}; do
    openssl genpkey -algorithm ed25519 | openssl pkey -pubout
  done >many.pem
  run -1 --separate-stderr ms-verify --trust many.pem system.dsse.json
  [[ $stderr == *"more than 64 keys"* ]]
  # 64, and one of them again: 64
  openssl pkey -pubin <many.pem >first.pem
  head -n $((64 * 3)) many.pem >most.pem
  [ "$(grep -c BEGIN most.pem)" -eq 64 ]
  run -1 --separate-stderr ms-verify --trust most.pem --trust first.pem system.dsse.json
  [[ -z $stderr && $output == *"0 of the 64 trusted keys have signed"* ]]
}

@test "one key in two spellings counts once" {
  openssl ec -pubin -in vendor.pub -conv_form compressed -out compressed.pub 2>/dev/null
  run ! cmp -s vendor.pub compressed.pub
  run -2 --separate-stderr ms-verify --trust vendor.pub --trust compressed.pub --threshold 2 system.dsse.json
  ms-verify --trust compressed.pub system.dsse.json
}

@test "bundles of several signers, and bundles beside an envelope" {
  ms-sign --key vendor.pem --bundle vendor.json -o /dev/null statement.json
  ms-sign --key customer.pem --bundle customer.json -o /dev/null statement.json
  both --image system-image.bin vendor.json customer.json
  run -1 --separate-stderr both vendor.json
  ms-sign --key vendor.pem -o one.json statement.json
  both one.json customer.json
  # forms that others write: another type, no keyid, URL-safe base64
  jq '.mediaType = "application/vnd.dev.sigstore.bundle+json;version=0.3" | del(.dsseEnvelope.signatures[].keyid)' vendor.json >other.json
  both other.json customer.json
  jq '.dsseEnvelope |= (.payload |= gsub("\\+"; "-") | .payload |= gsub("/"; "_")) | .dsseEnvelope.signatures[].sig |= (gsub("\\+"; "-") | gsub("/"; "_"))' vendor.json >safe.json
  both safe.json customer.json
  jq '.verificationMaterial.publicKey.hint = "other"' vendor.json >wrong.json
  run -1 --separate-stderr both wrong.json customer.json
  [[ $stderr == *"contradict each other"* ]]
  jq '.dsseEnvelope.signatures += .dsseEnvelope.signatures' vendor.json >two.json
  run -1 --separate-stderr both two.json customer.json
  [[ $stderr == *"exactly one signature, not 2"* ]]
}

@test "unknown keys of an envelope are passed over, keyids decide nothing" {
  jq '.more = 1 | .signatures[].extension = {} | .signatures[].keyid = "x"' system.dsse.json >other.json
  both other.json
  jq --arg id "$(key_id customer.pub)" '.signatures[].keyid = $id' system.dsse.json >other.json
  both other.json
  jq 'del(.signatures[].keyid)' system.dsse.json >other.json
  both other.json
}

@test "--builder" {
  run -0 --separate-stderr both --builder urn:moonshot-toolkit:builder:v1 system.dsse.json
  found ok builder
  run -1 --separate-stderr both --builder urn:moonshot-toolkit:builder:v1:hermetic system.dsse.json
  found FAILED builder
}

@test "--unsigned: a bare statement, or an envelope whose signatures nobody asks for" {
  run -0 --separate-stderr ms-verify --unsigned --image system-image.bin --project source statement.json
  found 'not checked' signature
  found ok image
  run -0 --separate-stderr ms-verify --unsigned system.dsse.json
  run -1 --separate-stderr both statement.json
  [[ $stderr == *"neither a DSSE envelope nor a Sigstore bundle"* ]]
}

@test "--json says the same" {
  run -0 --separate-stderr both --json --image system-image.bin system.dsse.json
  jq -e '.schema == "ms-verdict/1" and .result == "PASSED"
    and ([.checks[] | select(.check == "image")][0].finding == "ok")' <<<"$output"
  both --image system-image.bin system.dsse.json | sed '$d' >lines
  diff <(sed -E 's/^(ok|note|not checked|FAILED) +([a-z_]+) +/\1|\2|/' lines) \
    <(jq -r '.checks[] | "\(.finding)|\(.check)|\(.text)"' <<<"$output")
  run -1 --separate-stderr both --json --image vendor.pub system.dsse.json
  jq -e '.result == "FAILED"' <<<"$output"
}

@test "--summary: a SLSA verification summary that can be signed and says how it ended" {
  both --image system-image.bin --summary vsa.json system.dsse.json
  jq -cS . vsa.json | cmp - vsa.json
  jq -e --arg image "$(sha256sum <system-image.bin | cut -d' ' -f1)" --arg file "$(sha256sum <system.dsse.json | cut -d' ' -f1)" '
    ._type == "https://in-toto.io/Statement/v1" and .predicateType == "https://slsa.dev/verification_summary/v1"
    and .subject[0].digest.sha256 == $image
    and (.predicate | .verificationResult == "PASSED" and .verifiedLevels == ["SLSA_BUILD_LEVEL_1"]
      and .inputAttestations[0].digest.sha256 == $file and (has("timeVerified") | not)
      and .resourceUri == "pkg:generic/system-image.bin?checksum=sha256:" + $image)' vsa.json
  [ "$(jq -cjS '.predicate.policy.annotations.policy' vsa.json | sha256sum | cut -d' ' -f1)" = "$(jq -r .predicate.policy.digest.sha256 vsa.json)" ]
  ms-verify --trust customer.pub --trust vendor.pub --threshold 2 --summary turned.json system.dsse.json
  cmp <(jq -cS .predicate.policy vsa.json) <(jq -cS .predicate.policy turned.json)
  ms-sign --key customer.pem vsa.json | jq -e '.signatures | length == 1'
  SOURCE_DATE_EPOCH=0 both --summary timed.json --resource https://example.org/x system.dsse.json
  jq -e '.predicate | .timeVerified == "1970-01-01T00:00:00Z" and .resourceUri == "https://example.org/x"' timed.json
  ms-verify --unsigned --summary open.json statement.json
  jq -e '.predicate.policy.annotations.policy == {keys: [], threshold: 0}' open.json
  run -1 --separate-stderr both --image vendor.pub --summary failed.json system.dsse.json
  jq -e '.predicate | .verificationResult == "FAILED" and .verifiedLevels == ["FAILED"]' failed.json
  run -1 --separate-stderr ms-verify --trust stranger.pub --summary none.json system.dsse.json
  [ ! -e none.json ]
}

@test "the call" {
  run -2 --separate-stderr ms-verify system.dsse.json
  [[ $stderr == *"--trust is missing"* ]]
  run -2 --separate-stderr ms-verify --trust vendor.pub --unsigned system.dsse.json
  run -2 --separate-stderr ms-verify --trust vendor.pub --threshold 0 system.dsse.json
  run -2 --separate-stderr ms-verify --trust vendor.pub --threshold 2 system.dsse.json
  run -2 --separate-stderr ms-verify --trust vendor.pub --rebuild again system.dsse.json
  run -2 --separate-stderr ms-verify --trust vendor.pub --resource x system.dsse.json
  run -1 --separate-stderr ms-verify --trust absent.pub system.dsse.json
  run -3 --separate-stderr ms-verify --trust vendor.pub absent.json
  run -3 --separate-stderr bash -c 'ms-verify --trust vendor.pub system.dsse.json >/dev/full'
}
