#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# What somebody might try. Every one of these deliveries is refused, with words that say why.
load ../lib
load ../trust

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
  new_delivery
  new_key stranger p256
  openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.pem 2>/dev/null
  openssl pkey -in rsa.pem -pubout -out rsa.pub
}

setup() {
  cp -R "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR/work"
  cd "$BATS_TEST_TMPDIR/work" || return 1
  unset MS_KERNEL SOURCE_DATE_EPOCH
}

both() { ms-verify --trust vendor.pub --trust customer.pub --threshold 2 "$@"; }

# flip FILE OFFSET: one bit of that byte.
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  printf '%b' "$(printf '\\x%02x' $((byte ^ 1)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# refused WORDS COMMAND...: ends with 1 and says WORDS.
refused() {
  local words=$1
  shift
  run -1 "$@"
  [[ $output == *"$words"* ]] || { echo "expected: $words"; echo "$output"; return 1; }
}

# Both signers sign anew: what an attacker who owns both keys, or two careless signers, would deliver.
resign() { ms-sign --key vendor.pem "$1" | ms-sign --key customer.pem; }

@test "the delivery as it is passes" {
  both --image system-image.bin --project source system.dsse.json
}

@test "a flipped byte anywhere in the image" {
  size=$(stat -c %s system-image.bin)
  for at in 0 100 $((size / 3)) $((size / 2)) $((size - 1)); do
    cp system-image.bin image
    flip image $at
    refused 'FAILED       image' both --image image system.dsse.json
  done
  head -c $((size - 1)) system-image.bin >image
  refused 'FAILED       image' both --image image system.dsse.json
  { cat system-image.bin; echo; } >image
  refused 'FAILED       image' both --image image system.dsse.json
}

@test "a flipped byte in the archive names the member, too" {
  at=$(grep -abo rootserver system-image.bin | tail -1 | cut -d: -f1)
  flip system-image.bin $((at + 5000))
  run -1 both --image system-image.bin system.dsse.json
  for words in "FAILED       image " "FAILED       archive " "FAILED       member       rootserver has sha256" \
    "FAILED       loader       its table has another digest of rootserver"; do
    [[ $output == *"$words"* ]] || { echo "$words"; echo "$output"; return 1; }
  done
}

@test "an archive whose bytes are another's, under an image digest that was signed" {
  # The signers signed an image whose archive is not the one they name.
  jq -cS '(.predicate.runDetails.byproducts[] | select(.name == "system.cpio") | .digest.sha256) |= ("0" * 64)' statement.json >s
  resign s >e
  refused "FAILED       archive      the image's archive has sha256" both --image system-image.bin e
  jq -cS '(.predicate.runDetails.byproducts[] | select(.name == "system.cpio/rootserver") | .digest.sha256) |= ("0" * 64)' statement.json >s
  resign s >e
  refused "FAILED       member       rootserver" both --image system-image.bin e
  jq -cS '.predicate.runDetails.byproducts += [{name: "system.cpio/more", digest: {sha256: ("0" * 64)}}]' statement.json >s
  resign s >e
  refused "FAILED       members" both --image system-image.bin e
  jq -cS 'del(.predicate.runDetails.byproducts[] | select(.name == "system.cpio/kernel.elf"))' statement.json >s
  resign s >e
  refused "kernel.elf has sha256" both --image system-image.bin e
}

@test "an image without an archive, cut inside it, with an archive that lies" {
  head -c 4096 system-image.bin >image
  refused "holds no archive" both --image image system.dsse.json
  for _ in {1..5000}; do printf '07070100000000'; done >image
  refused "holds no archive" both --image image system.dsse.json
  : >image
  refused "holds no archive" both --image image system.dsse.json
  refused "FAILED       image " both --image . system.dsse.json
}

@test "a flipped byte of the payload, everywhere" {
  jq -r .payload system.dsse.json | base64 -d >payload
  size=$(stat -c %s payload)
  for ((at = 0; at < size; at += 97)); do
    cp payload p
    flip p $at
    jq --arg p "$(base64 -w0 p)" '.payload = $p' system.dsse.json >e
    refused "0 of the 2 trusted keys have signed" both e
  done
}

@test "a flipped byte of a signature, everywhere" {
  signature_of system.dsse.json vendor.pub >sig
  size=$(stat -c %s sig)
  for ((at = 0; at < size; at++)); do
    cp sig s
    flip s $at
    jq --arg id "$(key_id vendor.pub)" --arg s "$(base64 -w0 s)" '(.signatures[] | select(.keyid == $id) | .sig) = $s' system.dsse.json >e
    refused "1 of the 2 trusted keys have signed" both e
    [[ $output == *"bears the id of vendor.pub but is not its signature"* ]]
  done
}

@test "a flipped byte of the envelope: refused, or the very same statement and signatures" {
  size=$(stat -c %s system.dsse.json)
  for ((at = 0; at < size; at += 53)); do
    cp system.dsse.json e
    flip e $at
    run both e
    [ "$status" -eq 1 ] || {
      [ "$status" -eq 0 ]
      cmp <(jq -r '.payload' e | base64 -d) statement.json
    }
  done
}

@test "a swapped statement, its signatures kept" {
  sed s/100/99/ source/system.toml >source/other.toml
  jq -cS '.predicate.buildDefinition.externalParameters.spec = "other.toml"' statement.json >s
  jq --arg p "$(base64 -w0 s)" '.payload = $p' system.dsse.json >e
  refused "0 of the 2 trusted keys" both e
}

@test "a good statement of another image" {
  sed -i s/100/99/ source/system.toml
  (cd source && ms-build -q -B other system.toml)
  ! cmp -s source/other/system-image.bin system-image.bin || cp source/other/loader/loader.elf source/other/system-image.bin
  refused "the statement is of" both --image source/other/system-image.bin system.dsse.json
  refused "FAILED       spec_hash" both --project source system.dsse.json
}

@test "two files that hold different statements" {
  jq -cS '.predicate.runDetails.builder.id = "urn:other"' statement.json >s
  ms-sign --key customer.pem -o other.json s
  ms-sign --key vendor.pem -o one.json statement.json
  refused "holds another statement than" both one.json other.json
}

@test "a signature by a key that is not trusted" {
  ms-sign --key stranger.pem -o e statement.json
  refused "one by no trusted key passed over" ms-verify --trust vendor.pub e
  # ... that claims to be by the trusted one
  jq --arg id "$(key_id vendor.pub)" '.signatures[].keyid = $id' e >lying
  refused "bears the id of vendor.pub but is not its signature" ms-verify --trust vendor.pub lying
}

@test "the same key twice does not make two" {
  ms-sign --key vendor.pem -o a statement.json
  ms-sign --key vendor.pem -o b statement.json
  # ECDSA: two different signatures, both good
  jq --slurpfile b b '.signatures += $b[0].signatures | .signatures[1].keyid = "other"' a >e
  [ "$(jq -r '.signatures | map(.sig) | unique | length' e)" = 2 ]
  refused "a key counts once" both e
  [[ $output == *"1 of the 2 trusted keys have signed, 2 must"* ]]
  refused "1 of the 2 trusted keys have signed, 2 must" both a b
}

@test "raw r||s instead of DER" {
  ms-sign --key vendor.pem -o e statement.json
  signature_of e vendor.pub >sig
  openssl asn1parse -inform DER -in sig | sed -n 's/.*INTEGER *://p' | while read -r n; do
    printf '%b' "$(printf '%64s' "$n" | tr ' ' 0 | sed 's/../\\x&/g')"
  done >raw
  [ "$(wc -c <raw)" = 64 ]
  jq --arg s "$(base64 -w0 raw)" '.signatures[0].sig = $s' e >r
  refused "raw r||s (IEEE P1363), not DER; only DER is accepted" ms-verify --trust vendor.pub r
  jq --arg s "$(base64 -w0 raw)" '.signatures[0] = {sig: $s}' e >r
  refused 'keyid "": vendor.pub has made it, but as raw r||s (IEEE P1363), not DER' \
    ms-verify --trust stranger.pub --trust vendor.pub r
  refused 'keyid ""' ms-verify --trust stranger.pub r
  [[ $output != *"r||s"* ]]
}

@test "64 bytes of Ed25519 are not called raw r||s" {
  new_key other ed25519
  ms-sign --key other.pem -o e statement.json
  refused "one by no trusted key passed over" ms-verify --trust vendor.pub e
  [[ $output != *"r||s"* ]]
  # ... and with the id of a key of ECDSA
  jq --arg id "$(key_id vendor.pub)" '.signatures[].keyid = $id' e >lying
  refused "it is no ECDSA signature in DER, nor this key's raw r||s (IEEE P1363)" \
    ms-verify --trust vendor.pub lying
}

@test "a DER signature with bytes behind it" {
  ms-sign --key vendor.pem -o e statement.json
  { signature_of e vendor.pub; echo; } >sig
  jq --arg s "$(base64 -w0 sig)" '.signatures[0].sig = $s' e >r
  refused "0 of 1 trusted key has" ms-verify --trust vendor.pub r
}

@test "a signature of the bare statement, and of another payload type" {
  for text in "" "DSSEv1 28 application/vnd.in-toto+json 1" "DSSEv1 10 text/plain "; do
    { printf '%s' "$text"; cat statement.json; } >signed
    openssl dgst -sha256 -sign vendor.pem -out sig signed
    jq --arg s "$(base64 -w0 sig)" '.signatures = [{sig: $s}]' system.dsse.json >e
    refused "0 of 1 trusted key has" ms-verify --trust vendor.pub e
  done
  jq '.payloadType = "application/json"' system.dsse.json >e
  refused "the payload's type is" both e
}

@test "a truncated envelope, at any length" {
  size=$(stat -c %s system.dsse.json)
  for ((len = 0; len < size - 1; len += 61)); do
    head -c $len system.dsse.json >e
    run -1 both e
  done
}

@test "huge envelopes end quickly, with words" {
  head -c 40000000 /dev/zero | tr '\0' ' ' >big
  refused "33554432" both big
  { printf '{"payload":"'; head -c 30000000 /dev/zero | tr '\0' A; printf '"}'; } >big
  run -1 both big
  { head -c 1000000 /dev/zero | tr '\0' '['; } >deep
  run -1 both deep
  [[ $output == *"[json]"* ]]
  jq '.signatures = [range(100) | {sig: "AAAA"}]' system.dsse.json >many
  refused "100 signatures; at most 64 are read" both many
  jq --arg s "$(head -c 3000 /dev/zero | base64 -w0)" '.signatures[0].sig = $s' system.dsse.json >long
  refused "has 3000 bytes" both long
}

@test "duplicate keys: what one reader sees another does not" {
  sed 's/^{/{"payload":"e30=",/' system.dsse.json >e
  refused "duplicate" both e
  sed 's/^{/{"subject":[],/' statement.json >s
  jq -n --arg p "$(base64 -w0 s)" '{payload: $p, payloadType: "application/vnd.in-toto+json", signatures: []}' >e
  { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$(wc -c <s)"; cat s; } >pae
  openssl dgst -sha256 -sign vendor.pem -out sig pae
  jq --arg s "$(base64 -w0 sig)" '.signatures = [{sig: $s}]' e >signed
  refused "duplicate" ms-verify --trust vendor.pub signed
}

@test "keys of refused kinds are not trusted" {
  for kind in p521 k256 ed448 x25519 rsa1024 pss dsa explicit; do
    new_key bad $kind
    refused "[key-kind]" ms-verify --trust vendor.pub --trust bad.pub system.dsse.json
  done
}

@test "an RSA signature with another padding or digest" {
  ms-sign --pae -o pae statement.json
  openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sign rsa.pem -out sig pae
  jq --arg s "$(base64 -w0 sig)" '.signatures = [{sig: $s}]' system.dsse.json >e
  refused "0 of 1 trusted key has" ms-verify --trust rsa.pub e
  openssl dgst -sha1 -sign rsa.pem -out sig pae
  jq --arg s "$(base64 -w0 sig)" '.signatures = [{sig: $s}]' system.dsse.json >e
  refused "0 of 1 trusted key has" ms-verify --trust rsa.pub e
}

@test "a plan whose steps were edited, with its hash made to fit again" {
  # The builder's plan has one more flag; everything after it is consistent and signed.
  (
    cd source
    ms-parse system.toml | ms-plan | jq -cS '.steps[0].commands[0] |= (.[:1] + ["-DBACKDOOR"] + .[1:])' | ms-hash >edited
    ms-hash --verify edited
  )
  plan_hash=$(jq -r .plan_hash source/edited)
  jq -cS --arg h "$plan_hash" '.predicate.buildDefinition.internalParameters.plan_hash = $h' statement.json >s
  resign s >e
  refused "FAILED       plan_hash" both --project source e
  [[ $output == *"ok           spec_hash"* ]]
}

@test "a specification that says the same in other words passes; one that says another thing does not" {
  cat >spelled.toml <<'END'
# the same, by another hand
[[protection_domains]]
"stack_bytes" = 0x1_0000
priority = 0b1100100
include_dirs = [ 'src' , ]
binary = """src/hello.c"""
name = 'hello'
END
  both --spec spelled.toml system.dsse.json
  sed 's/"src"/"."/' source/system.toml >other.toml
  refused "FAILED       spec_hash" both --spec other.toml system.dsse.json
}

@test "a specification that is no file is not waited for, nor built" {
  rm source/system.toml
  mkfifo source/system.toml
  refused "FAILED       spec_hash    source/system.toml: Invalid argument" both --project source --rebuild again system.dsse.json
  [[ $output == *"not checked  rebuild      there is no specification to build"* && ! -e again ]]
  rm source/system.toml
  mkdir source/system.toml
  refused "FAILED       spec_hash    source/system.toml: Is a directory" both --project source system.dsse.json
}

@test "a list of inputs that does not fit its hash" {
  jq -cS '.predicate.buildDefinition.resolvedDependencies += [{name: "zzz.c", digest: {sha256: ("0" * 64)}, annotations: {kind: "source", size: 1}}]' statement.json >s
  resign s >e
  refused "FAILED       inputs_hash" both e
}

@test "a list of inputs that leads elsewhere" {
  for name in ../x /etc/passwd 'a//b' './a' '' @toolkit @toolkit//etc/passwd @toolkit/../x @kernel/../x @system//x \
    @project//x @project/../x/../y @project/.. $'a\nb' $'@toolkit/a\nb'; do
    jq -cS --arg n "$name" '.predicate.buildDefinition.resolvedDependencies = [{name: $n, digest: {sha256: ("0" * 64)}, annotations: {kind: "source", size: 1}}]' statement.json >s
    resign s >e
    refused "resolvedDependencies[0] is no input" both e
  done
}

@test "an input that stands there twice, or out of its order" {
  filter='.predicate.buildDefinition.resolvedDependencies'
  jq -cS "$filter |= .[:1] + ." statement.json >s
  resign s >e
  refused "they are sorted by name, each there once" both e
  # ... with another digest, and inputs_hash of both
  jq -cS "$filter |= .[:1] + . | ${filter}[1].digest.sha256 = (\"0\" * 64)" statement.json >s
  resign s >e
  refused "they are sorted by name, each there once" both e
  jq -cS "$filter |= reverse" statement.json >s
  resign s >e
  refused "they are sorted by name, each there once" both e
}

@test "an input whose annotations are of another type" {
  for filter in '.version = 1' '.version = null' '.kind = 1' '.size = "1"' '.size = 1.5' '.size = -1' '.size = 9007199254740992'; do
    jq -cS ".predicate.buildDefinition.resolvedDependencies[0].annotations |= ($filter)" statement.json >s
    resign s >e
    refused "resolvedDependencies[0] is no input" both e
  done
}

@test "a document that is none, or of another system, fails by name; the rest is looked at" {
  refused "FAILED       record       none.json: No such file" both --record none.json --image system-image.bin system.dsse.json
  [[ $output == *"ok           archive"* ]]
  head -c 1000 last.json >cut.json
  refused "FAILED       record       cut.json is no document of a finished build" both --record cut.json system.dsse.json
  refused "FAILED       record       source/build/stages/06-ms-cpio.json is no document" both --record source/build/stages/06-ms-cpio.json system.dsse.json
}

@test "a list of inputs that leaves a source out" {
  sed -i s/answer++/answer--/ source/src/hello.c
  for gone in src/hello.c @toolkit/both/newc.c @kernel/kernel.elf; do
    jq -cS --arg n $gone 'del(.predicate.buildDefinition.resolvedDependencies[] | select(.name == $n))' statement.json >less
    hash=$(jq -cjS '[.predicate.buildDefinition.resolvedDependencies[]
      | {kind: .annotations.kind, path: .name, sha256: .digest.sha256, size: .annotations.size}
        + (if .annotations.version then {version: .annotations.version} else {} end)]' less | sha256sum | cut -d' ' -f1)
    jq -cS --arg h "$hash" '.predicate.buildDefinition.internalParameters.inputs_hash = $h' less >s
    resign s >e
    refused "FAILED       inputs       the plan reads $gone, which the statement leaves out" both --project source e
    [[ $output == *"ok           inputs_hash"* ]]
  done
}

@test "an input whose size is not the file's" {
  jq -cS '(.predicate.buildDefinition.resolvedDependencies[] | select(.name == "src/hello.c") | .annotations.size) += 1' statement.json >s
  resign s >e
  refused "FAILED       input        src/hello.c has $(stat -c %s source/src/hello.c) bytes, the statement says" both --project source e
  [[ $output == *"FAILED       inputs       1 of 2 files of the project differ"* ]]
}

@test "an input beside the project is one" {
  jq -cS '.predicate.buildDefinition.resolvedDependencies = [{name: "@project/../../x.h", digest: {sha256: ("0" * 64)}, annotations: {kind: "header", size: 1}}]' statement.json >s
  run -1 ms-verify --unsigned s
  [[ $output == *"ok           statement"* ]]
}

@test "an input with a name that has no place anywhere" {
  jq -cS '.predicate.buildDefinition.resolvedDependencies |= [.[0] | .name = "@nowhere/x"]' statement.json >s
  run -1 ms-verify --unsigned --project source s
  [[ $output == *"@nowhere/x: No such file"* ]]
}

@test "statements that are not whole" {
  while IFS='|' read -r filter words; do
    jq -cS "$filter" statement.json >s
    ms-sign --key vendor.pem -o e s || continue
    refused "$words" ms-verify --trust vendor.pub e
  done <<'END'
.predicateType = "https://slsa.dev/provenance/v0.2"|no SLSA provenance v1
.predicate.buildDefinition.buildType = "urn:other"|its buildType is not
.subject[0].name = "x?checksum=sha256:0"|its subject is not one image
.subject = []|its subject is not one image
.subject += .subject|its subject is not one image
.subject[0].digest = {sha512: "00"}|its subject is not one image
.subject[0].digest.sha256 |= ascii_upcase|its subject is not one image
.predicate.buildDefinition.externalParameters.more = 1|beside spec, board and config
del(.predicate.buildDefinition.externalParameters.board)|lack spec, board or config
.predicate.buildDefinition.externalParameters.spec = "../x.toml"|its parameter spec
.predicate.buildDefinition.externalParameters.spec = "/x.toml"|its parameter spec
.predicate.buildDefinition.externalParameters.spec = "-"|its parameter spec
.predicate.buildDefinition.internalParameters.verified_config = 5|its verified_config
.predicate.buildDefinition.internalParameters.verified_config = {}|its verified_config
.predicate.buildDefinition.internalParameters.verified_config = {verdict: "same"}|its verified_config
del(.predicate.buildDefinition.internalParameters)|lack spec_hash
.predicate.buildDefinition.resolvedDependencies = 1|no list of resolvedDependencies
del(.predicate.runDetails.builder)|names no builder.id
.predicate = 1|its buildType is not
END
}

@test "control characters of a statement do not reach the terminal" {
  jq -cS '.predicate.runDetails.builder.id = "\u001b[2Jok"' statement.json >s
  resign s >e
  run -0 both e
  [[ $output != *$'\x1b'* && $output == *'\x1b[2Jok'* ]]
}

@test "a statement that nobody signed has no file outside of the project opened" {
  head -c 100 /dev/urandom >"$BATS_TEST_TMPDIR/secret"
  sum=$(sha256sum "$BATS_TEST_TMPDIR/secret" | cut -d' ' -f1)
  for name in "@project/../../secret" "@system$BATS_TEST_TMPDIR/secret"; do
    jq -cS --arg n "$name" '.predicate.buildDefinition.resolvedDependencies =
      [{name: $n, digest: {sha256: ("0" * 64)}, annotations: {kind: "header", size: 1}}]' statement.json >s
    run -1 ms-verify --unsigned --project source s
    [[ $output != *"$sum"* ]]
    [[ $output == *"not checked"*"1 file elsewhere on the builder's machine (--project DIR with --trust KEYS)"* ]]
    ms-sign --key vendor.pem s >signed
    run -1 ms-verify --trust vendor.pub --project source signed
    [[ $output == *"$sum"* ]]
  done
}
