#!/usr/bin/env bats
# SPDX-License-Identifier: BSD-2-Clause
# ms-sign: every kind of key, checked by openssl; signatures made elsewhere; what is refused.
load ../lib
load ../trust

setup_file() {
  cd "$BATS_FILE_TMPDIR" || return 1
  new_key p256 p256
  new_key other p256
  new_key p384 p384
  new_key ed ed25519
  new_key rsa rsa2048
  openssl pkcs8 -topk8 -in p256.pem -passout pass:secret -out locked.pem
  openssl ec -in p256.pem -aes256 -passout pass:secret -out locked-old.pem 2>/dev/null
  printf '{"_type":"https://in-toto.io/Statement/v1","subject":[]}\n' >statement.json
}

setup() {
  cp -R "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR/work"
  cd "$BATS_TEST_TMPDIR/work" || return 1
}

@test "golden cases" {
  golden ms-sign "$BATS_TEST_DIRNAME/cases"
}

@test "signatures of every kind verify with openssl" {
  cp statement.json envelope.json
  for k in p256 p384 ed rsa; do ms-sign --key $k.pem -o envelope.json envelope.json; done
  [ "$(jq '.signatures | length' envelope.json)" = 4 ]
  body=$(wc -c <statement.json)
  { printf 'DSSEv1 28 application/vnd.in-toto+json %d ' "$body"; cat statement.json; } >pae
  ms-sign --pae envelope.json | cmp - pae
  ms-sign --pae <statement.json | cmp - pae
  jq -r .payload envelope.json | base64 -d | cmp - statement.json
  for k in p256:sha256 p384:sha384 ed:none rsa:sha256; do
    signature_of envelope.json "${k%:*}.pub" >sig
    openssl_verify "${k%:*}.pub" "${k#*:}" sig pae
  done
}

@test "signatures of openssl are attached, of every kind" {
  cp statement.json envelope.json
  ms-sign --pae -o pae statement.json
  for k in p256:sha256 p384:sha384 ed:none rsa:sha256; do
    openssl_sign "${k%:*}.pem" "${k#*:}" pae >sig
    ms-sign --attach sig --public-key "${k%:*}.pub" -o envelope.json envelope.json
    signature_of envelope.json "${k%:*}.pub" | cmp - sig
  done
  [ "$(jq '.signatures | length' envelope.json)" = 4 ]
}

@test "the order of the signers does not matter" {
  ms-sign --key ed.pem statement.json | ms-sign --key rsa.pem -o a
  ms-sign --key rsa.pem statement.json | ms-sign --key ed.pem -o b
  cmp a b
  jq -cS . a | cmp - a
}

@test "a second signature of one key replaces the first, whatever keyid that bears" {
  ms-sign --key p256.pem -o a statement.json
  ms-sign --key p256.pem -o b a
  [ "$(jq '.signatures | length' b)" = 1 ]
  jq '.signatures[0].keyid = "mine"' a >c
  ms-sign --key p256.pem -o d c
  [ "$(jq -r '.signatures[].keyid' d)" = "$(key_id p256.pub)" ]
}

@test "a bundle holds the signer's signature alone, and its hint is the keyid" {
  ms-sign --key rsa.pem -o a statement.json
  ms-sign --key p256.pem --bundle bundle.json -o b a
  [ "$(jq -r .mediaType bundle.json)" = application/vnd.dev.sigstore.bundle.v0.3+json ]
  [ "$(jq -r .verificationMaterial.publicKey.hint bundle.json)" = "$(key_id p256.pub)" ]
  cmp <(jq -c '.dsseEnvelope.signatures' bundle.json) \
    <(jq -c --arg id "$(key_id p256.pub)" '[.signatures[] | select(.keyid == $id)]' b)
  # a bundle can be signed on
  [ "$(ms-sign --key rsa.pem bundle.json | jq '.signatures | length')" = 2 ]
}

@test "encrypted keys: a descriptor, the terminal, a wrong password" {
  echo secret >right
  echo wrong >wrong
  for key in locked.pem locked-old.pem; do
    ms-sign --key $key --password-fd 3 -o envelope.json statement.json 3<right
    ms-sign --pae -o pae statement.json
    signature_of envelope.json p256.pub >sig
    openssl_verify p256.pub sha256 sig pae
    run -1 --separate-stderr ms-sign --key $key --password-fd 3 statement.json 3<wrong
    [[ $stderr == *"the password does not open this key"*"[key-password]"* && -z $output ]]
    printf 'secret\n' | timeout 20 script -qec "ms-sign --key $key -o typed.json statement.json" /dev/null >screen
    grep -q "password of $key" screen
    signature_of typed.json p256.pub >sig
    openssl_verify p256.pub sha256 sig pae
  done
  run -1 --separate-stderr setsid ms-sign --key locked.pem statement.json
  [[ $stderr == *"no terminal to ask on"* ]]
}

@test "kinds of keys that are refused, private and public" {
  for kind in p521 k256 ed448 x25519 rsa1024 pss dsa explicit; do
    new_key bad $kind
    run -1 --separate-stderr ms-sign --key bad.pem statement.json
    [[ $stderr == *"[key-kind]"* && -z $output ]] || { echo "$kind: $stderr"; return 1; }
    head -c 64 /dev/zero >sig
    run -1 --separate-stderr ms-sign --attach sig --public-key bad.pub statement.json
    [[ $stderr == *"[key-kind]"* ]] || { echo "$kind: $stderr"; return 1; }
  done
}

@test "files that are no keys" {
  for file in statement.json p256.pub /dev/null; do
    run -1 --separate-stderr ms-sign --key "$file" statement.json
    [[ $stderr == *"no private key in PEM form"* ]]
  done
  echo '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----' >cosign.key
  run -1 --separate-stderr ms-sign --key cosign.key statement.json
  [[ $stderr == *"cosign's own container"* ]]
  echo x >sig
  run -1 --separate-stderr ms-sign --attach sig --public-key p256.pem statement.json
  [[ $stderr == *"only its public half belongs here"*"[key-private]"* ]]
  run -1 --separate-stderr ms-sign --attach sig --public-key statement.json statement.json
  [[ $stderr == *"no public key in PEM form"* ]]
  cat p256.pub other.pub >both.pub
  run -1 --separate-stderr ms-sign --attach sig --public-key both.pub statement.json
  [[ $stderr == *"2 keys; here it must be one"* ]]
  head -c 100 p256.pub >half.pub
  run -1 --separate-stderr ms-sign --attach sig --public-key half.pub statement.json
  [[ $stderr == *"[key-format]"* ]]
  run -1 --separate-stderr ms-sign --key absent.pem statement.json
  [[ $stderr == *"absent.pem: error: No such file"* ]]
}

@test "signatures that do not belong to the key or to the bytes are not attached" {
  ms-sign --pae -o pae statement.json
  openssl_sign other.pem sha256 pae >sig
  run -1 --separate-stderr ms-sign --attach sig --public-key p256.pub statement.json
  [[ $stderr == *"no signature of these bytes"* && -z $output ]]
  openssl_sign p256.pem sha256 statement.json >sig # not the PAE
  run -1 --separate-stderr ms-sign --attach sig --public-key p256.pub statement.json
  [[ $stderr == *"no signature of these bytes"* ]]
  openssl_sign p256.pem sha256 pae >sig
  echo >>sig
  run -1 --separate-stderr ms-sign --attach sig --public-key p256.pub statement.json
  [[ $stderr == *"no ECDSA signature in DER"* ]]
  head -c 255 /dev/zero >sig
  run -1 --separate-stderr ms-sign --attach sig --public-key rsa.pub statement.json
  [[ $stderr == *"not as long as the RSA key"* ]]
  run -1 --separate-stderr ms-sign --attach sig --public-key ed.pub statement.json
  [[ $stderr == *"not the 64 bytes"* ]]
  head -c 5000 /dev/zero >sig
  run -1 --separate-stderr ms-sign --attach sig --public-key rsa.pub statement.json
}

# The two numbers of an ECDSA signature, each of N bytes.
raw() { # SIG N
  openssl asn1parse -inform DER -in "$1" | sed -n 's/.*INTEGER *://p' | while read -r n; do
    printf '%b' "$(printf "%$((2 * $2))s" "$n" | tr ' ' 0 | sed 's/../\\x&/g')"
  done
}

@test "raw r||s is refused with the right words" {
  ms-sign --pae -o pae statement.json
  openssl_sign p256.pem sha256 pae >sig
  raw sig 32 >bare
  [ "$(wc -c <bare)" = 64 ]
  run -1 --separate-stderr ms-sign --attach bare --public-key p256.pub statement.json
  [[ $stderr == *"raw r||s (IEEE P1363), not DER; only DER is accepted"* ]]
  # of other bytes, or another kind's, it is not called so
  run -1 --separate-stderr ms-sign --attach bare --public-key p256.pub <(sed 's/^{/{ /' statement.json)
  [[ $stderr == *"no ECDSA signature in DER, nor this key's raw r||s (IEEE P1363)" ]]
  openssl_sign p384.pem sha384 pae >sig
  raw sig 48 >bare
  run -1 --separate-stderr ms-sign --attach bare --public-key p384.pub statement.json
  [[ $stderr == *"raw r||s"* ]]
}

@test "what is no statement and no envelope is not signed" {
  while IFS='|' read -r text words; do
    printf '%s\n' "$text" >input
    run -1 --separate-stderr ms-sign --key ed.pem input
    [[ $stderr == *"$words"* && -z $output ]] || { echo "$text: $stderr"; return 1; }
  done <<'END'
|[json]
{|[json]
[]|no in-toto Statement v1
{}|no in-toto Statement v1
{"_type":"https://in-toto.io/Statement/v0.1"}|no in-toto Statement v1
{"_type":"https://in-toto.io/Statement/v1","_type":"https://in-toto.io/Statement/v1"}|duplicate
{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[]}|no in-toto Statement v1
{"payload":"e30=","payloadType":"text/plain","signatures":[]}|the payload's type is "text/plain"
{"payload":"e30=","signatures":[]}|no payloadType
{"payload":"e30","payloadType":"application/vnd.in-toto+json"}|no list of signatures
{"payload":"!","payloadType":"application/vnd.in-toto+json","signatures":[]}|no base64
{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{}]}|signatures[0].sig
{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":""}]}|0 bytes
{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"AA==","keyid":1}]}|keyid
{"mediaType":"application/json"}|no Sigstore bundle
{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","messageSignature":{}}|it signs a file
END
}

@test "an envelope of too many signatures" {
  ms-sign --key ed.pem -o one statement.json
  jq '.signatures = [range(64) | {sig: "AAAA", keyid: "\(.)"}]' one >full
  run -1 --separate-stderr ms-sign --key ed.pem full
  [[ $stderr == *"64 signatures"* ]]
  jq '.signatures = [range(65) | {sig: "AAAA", keyid: "\(.)"}]' one >over
  run -1 --separate-stderr ms-sign --key ed.pem over
  [[ $stderr == *"at most 64 are read"* ]]
}

@test "the call" {
  run -2 --separate-stderr ms-sign statement.json
  [[ $stderr == *"one of --key, --attach and --pae must be given"* ]]
  run -2 --separate-stderr ms-sign --key ed.pem --pae statement.json
  run -2 --separate-stderr ms-sign --attach sig statement.json
  run -2 --separate-stderr ms-sign --key ed.pem --public-key ed.pub statement.json
  run -2 --separate-stderr ms-sign --pae --password-fd 3 statement.json
  run -2 --separate-stderr ms-sign --key ed.pem --key rsa.pem statement.json
  run -2 --separate-stderr ms-sign --key ed.pem --bundle out.json -o out.json statement.json
  [[ $stderr == *"--bundle and -o both name out.json"* ]]
  [ ! -e out.json ]
  run -3 --separate-stderr bash -c 'ms-sign --key ed.pem statement.json >/dev/full'
  run -3 --separate-stderr ms-sign --key ed.pem absent.json
}

@test "the bundle does not go where the envelope goes, by whatever name" {
  mkdir -p dir/sub
  ln -s dir here
  ln -s ../new dir/dangling
  ln -s loop loop
  echo old >there
  ln -s there link
  ln there hard
  mkfifo fifo
  ln -s fifo pipe
  while read -r bundle to; do
    run -2 --separate-stderr ms-sign --key ed.pem --bundle "$bundle" -o "$to" statement.json
    [[ $stderr == "ms-sign: error: --bundle $bundle is the same as -o $to" ]] || { echo "$stderr"; return 1; }
  done <<END
new ./new
$PWD/new new
here/new dir/new
dir/sub/../new here/new
dir/dangling new
there ./there
link there
there link
hard there
pipe fifo
/dev/stdout -
/dev/fd/1 /proc/self/fd/1
END
  [ ! -e new ]
  [ ! -e dir/new ]
  [ "$(cat there)" = old ]
  [ -L link ]
  # standard output, where -o is not given
  for bundle in - /dev/stdout ./there; do
    run -2 --separate-stderr bash -c 'ms-sign --key ed.pem --bundle "$1" statement.json >>there' - "$bundle"
    [[ $stderr == *"--bundle $bundle is where the envelope goes, standard output" ]]
  done
  [ "$(cat there)" = old ]
  # near, but others: names, folders, a link that leads in a circle and is replaced
  ms-sign --key ed.pem --bundle new -o New statement.json
  ms-sign --key ed.pem --bundle dir/new -o dir/sub/new statement.json
  ms-sign --key ed.pem --bundle loop -o new statement.json
  ms-sign --key ed.pem --bundle - -o new statement.json | cmp - loop
  # a folder that is not there is said when it is written to
  run -3 --separate-stderr ms-sign --key ed.pem --bundle none/x -o none/x/y statement.json
}

@test "openssl.cnf has no say, not even one that names a module" {
  cat >evil.cnf <<'END'
openssl_conf = init
[init]
providers = p
[p]
evil = e
[e]
module = /nowhere/evil.so
activate = 1
END
  OPENSSL_CONF=$PWD/evil.cnf ms-sign --key ed.pem statement.json | cmp - <(ms-sign --key ed.pem statement.json)
}

@test "-o writes completely or not at all" {
  run -1 --separate-stderr ms-sign --key rsa.pub -o out statement.json
  [ ! -e out ]
}
